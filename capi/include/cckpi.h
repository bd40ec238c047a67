/*
 * cckpi.h: the C interface of cckpi, a library that computes the key figures
 * of digital customer service.
 *
 * A host hands over what happened (customers wrote, agents answered, cases
 * were resolved) and asks for numbers: first response times, service levels,
 * backlogs, occupancy. The library does no I/O, starts no thread, reads no
 * clock and keeps no global state.
 *
 *   cckpi_engine* engine = NULL;
 *   cckpi_table* rows = NULL;
 *   if (cckpi_engine_create(NULL, NULL, &engine, NULL) != CCKPI_OK) return 1;
 *   cckpi_engine_ingest_log(engine, log, strlen(log), NULL, NULL, NULL, NULL);
 *   cckpi_engine_query(engine, NULL, &rows, NULL);
 *   printf("%f\n", cckpi_table_float64(
 *       rows, cckpi_table_column_index(rows, "value", 5), 0));
 *   cckpi_table_destroy(rows);
 *   cckpi_engine_destroy(engine);
 *
 * What is not declared here is not part of the library. docs/c-api.md tells
 * the same as a guide; examples/c are complete programs.
 *
 * Rules for every function
 * ------------------------
 *
 * Threads. Calls that take a handle as `const` may run at the same time as
 * each other. A call that takes a handle without `const` needs that handle to
 * itself. Nothing is bound to a thread.
 *
 * Results. A function that can fail returns a code, 0 (CCKPI_OK) or one of
 * enum cckpi_code_value, whose numbers are those of google.rpc.Code. Outputs
 * (`out_...`) are written only when it returns CCKPI_OK. Its last parameter
 * may point to a `cckpi_error*`; on failure it receives an error that says
 * what and where, which the host destroys. Set it to NULL before; on success
 * it is not touched. NULL: the code is enough.
 *
 * Every such function may return, besides the codes that it names,
 *   CCKPI_INVALID_ARGUMENT    a required pointer is NULL, a size is beyond
 *                             what an object can have, a struct_size is
 *                             wrong, text is not UTF-8;
 *   CCKPI_RESOURCE_EXHAUSTED  memory could not be allocated; nothing changed,
 *                             save as cckpi_engine_status() says;
 *   CCKPI_INTERNAL            a defect of the library; please report it.
 *
 * Functions that cannot fail return their value; for NULL and for what is out
 * of range they return 0, NULL or what they say.
 *
 * Life. What a function gives in an `out_...` handle belongs to the host, who
 * ends it with the `_destroy` of its type and never with free(). NULL may be
 * destroyed. Handles are independent: any order of destruction is safe.
 *
 * Text goes in as pointer and size, UTF-8 without NUL, and is copied. Pointer
 * NULL with size 0 is the empty text. Text that comes out is borrowed from
 * the handle that it was asked of, and lives as long as that.
 *
 * Structs begin with struct_size, which the host sets to sizeof, and flags,
 * which are 0 unless said. Zero in everything else means the default, so
 * begin with memset or `= {sizeof(x)}`. A struct of a later version is read
 * by an earlier library if what that does not know is zero.
 *
 * Instants are microseconds since 1970-01-01T00:00:00Z, spans microseconds.
 * Accepted are instants of [1990, 2100). Intervals are half open.
 *
 * Contents: Arrow, handles, numbers with a meaning, structs; then functions:
 * the library, errors and buffers, instants and names, configuration,
 * dictionary, engine, durability and shards, scaling matrix, tables.
 */

#ifndef CCKPI_H_
#define CCKPI_H_

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && !defined(CCKPI_STATIC)
#ifdef CCKPI_BUILDING
#define CCKPI_API __declspec(dllexport)
#else
#define CCKPI_API __declspec(dllimport)
#endif
#elif defined(__GNUC__) && !defined(_WIN32)
#define CCKPI_API __attribute__((visibility("default")))
#else
#define CCKPI_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------
 * Arrow: the structures of the Arrow C Data Interface and C Stream Interface,
 * as that format defines them. They are shared with every other library that
 * speaks it, hence their names and guards.
 * ---------------------------------------------------------------------- */

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};

#endif /* ARROW_C_STREAM_INTERFACE */

/* ------------------------------------------------------------------------
 * Handles
 * ---------------------------------------------------------------------- */

/** Why a call failed. */
typedef struct cckpi_error cckpi_error;
/** Bytes that the library made. Immutable. */
typedef struct cckpi_buffer cckpi_buffer;
/** What to compute: a checked configuration. Immutable. */
typedef struct cckpi_config cckpi_config;
/** How a foreign log becomes events. Immutable. */
typedef struct cckpi_mapping cckpi_mapping;
/** Texts and their dense numbers. */
typedef struct cckpi_dictionary cckpi_dictionary;
/** Events in, numbers out. */
typedef struct cckpi_engine cckpi_engine;
/** The scaling matrix over an engine: ticks in, alerts out. */
typedef struct cckpi_monitor cckpi_monitor;
/** One rule of the scaling matrix, without an engine. */
typedef struct cckpi_rule cckpi_rule;
/** Rows of named, typed columns: every answer. Immutable. */
typedef struct cckpi_table cckpi_table;

/* ------------------------------------------------------------------------
 * Numbers with a meaning. Never reused, only added to.
 * ---------------------------------------------------------------------- */

/** What a call returns; the numbers of google.rpc.Code. */
typedef int32_t cckpi_code;
enum cckpi_code_value {
  CCKPI_OK = 0,
  CCKPI_CANCELLED = 1,
  CCKPI_UNKNOWN = 2,
  CCKPI_INVALID_ARGUMENT = 3,
  CCKPI_DEADLINE_EXCEEDED = 4,
  CCKPI_NOT_FOUND = 5,
  CCKPI_ALREADY_EXISTS = 6,
  CCKPI_PERMISSION_DENIED = 7,
  CCKPI_RESOURCE_EXHAUSTED = 8,
  CCKPI_FAILED_PRECONDITION = 9,
  CCKPI_ABORTED = 10,
  CCKPI_OUT_OF_RANGE = 11,
  CCKPI_UNIMPLEMENTED = 12,
  CCKPI_INTERNAL = 13,
  CCKPI_UNAVAILABLE = 14,
  CCKPI_DATA_LOSS = 15,
  CCKPI_UNAUTHENTICATED = 16
};

/** What happened; docs/kpis.md says what each means. uint8_t in columns. */
typedef int32_t cckpi_kind;
enum cckpi_kind_value {
  CCKPI_CUSTOMER_MESSAGE = 0,
  CCKPI_BOT_MESSAGE = 1,
  CCKPI_BOT_HANDOFF = 2,
  CCKPI_QUEUED = 3,
  CCKPI_ASSIGNED = 4,
  CCKPI_ACCEPTED = 5,
  CCKPI_AGENT_MESSAGE = 6,
  CCKPI_UNASSIGNED = 7,
  CCKPI_HOLD = 8,
  CCKPI_RESUMED = 9,
  CCKPI_NO_REPLY_NEEDED = 10,
  CCKPI_RESOLVED = 11,
  CCKPI_AUTO_CLOSED = 12,
  CCKPI_REOPENED = 13,
  CCKPI_DISCARDED = 14,
  CCKPI_PRIORITY_CHANGED = 15,
  CCKPI_FOCUS = 16,
  CCKPI_BLUR = 17,
  CCKPI_REVIEWED = 18,
  CCKPI_SURVEYED = 19,
  CCKPI_AGENT_STATE = 20,
  CCKPI_FORECAST = 21
};

/** Who did it. uint8_t in columns. */
typedef int32_t cckpi_actor;
enum cckpi_actor_value {
  CCKPI_ACTOR_UNSET = 0, /* agent if `agent` is given, else system */
  CCKPI_ACTOR_AGENT = 1,
  CCKPI_ACTOR_BOT = 2,
  CCKPI_ACTOR_CUSTOMER = 3,
  CCKPI_ACTOR_SYSTEM = 4
};

/** Bits of a message. uint8_t in columns. */
typedef int32_t cckpi_message_flags;
enum cckpi_message_flag {
  CCKPI_MESSAGE_PRIVATE = 1,   /* not visible to the customer */
  CCKPI_MESSAGE_AUTOMATED = 2, /* sent by a rule */
  CCKPI_MESSAGE_CAMPAIGN = 4,  /* bulk outreach */
  CCKPI_MESSAGE_REACTION = 8,  /* a like or an emoji, not a message */
  CCKPI_MESSAGE_ECHO = 16      /* typed in the network's own app */
};

/** What became of a row of a batch; uint8_t in out_row_status. */
typedef int32_t cckpi_row_status;
enum cckpi_row_status_value {
  CCKPI_ROW_ACCEPTED = 0, /* duplicates too: which counts is decided later */
  CCKPI_ROW_LATE = 1,     /* before the watermark: handed back */
  CCKPI_ROW_REFUSED = 2,  /* not an event that can be: handed back */
  CCKPI_ROW_EXHAUSTED = 3 /* no room within max_memory_bytes: send it again */
};

/** The windows of an answer, in the configured time zone. */
typedef int32_t cckpi_frequency;
enum cckpi_frequency_value {
  CCKPI_EVERY_ALL = 0, /* one window */
  CCKPI_EVERY_15_MINUTES = 1,
  CCKPI_EVERY_HOUR = 2,
  CCKPI_EVERY_DAY = 3,
  CCKPI_EVERY_WEEK = 4,
  CCKPI_EVERY_MONTH = 5
};

/** What a log of text is. */
typedef int32_t cckpi_log_format;
enum cckpi_log_format_value {
  CCKPI_LOG_AUTO = 0, /* begins with '{' or is empty: JSON Lines, else CSV */
  CCKPI_LOG_JSON_LINES = 1,
  CCKPI_LOG_CSV = 2
};

/** How a table is written. */
typedef int32_t cckpi_render_format;
enum cckpi_render_format_value {
  CCKPI_RENDER_JSON = 0,
  CCKPI_RENDER_CSV = 1,
  CCKPI_RENDER_TEXT = 2,      /* for people: aligned columns, 100 wide */
  CCKPI_RENDER_JSON_LINES = 3 /* an object a line, for each row */
};

/** The type of a table's column. */
typedef int32_t cckpi_type;
enum cckpi_type_value {
  CCKPI_TYPE_NONE = 0, /* there is no such column */
  CCKPI_TYPE_INT64 = 1,
  CCKPI_TYPE_FLOAT64 = 2,
  CCKPI_TYPE_BOOL = 3,
  CCKPI_TYPE_TEXT = 4,
  CCKPI_TYPE_TIME = 5,   /* int64, microseconds UTC */
  CCKPI_TYPE_INT128 = 6, /* a sum that does not fit into int64 */
  CCKPI_TYPE_TEXT_LIST = 7,
  CCKPI_TYPE_INT64_LIST = 8
};

/** No instant, and no number, in a column or field of int64_t. */
#define CCKPI_NO_TIME INT64_MIN
#define CCKPI_NO_VALUE INT64_MIN

/** No instant will ever come, of functions that say when. */
#define CCKPI_NEVER INT64_MAX

/** What cckpi_table_column_index gives for a name that no column has. */
#define CCKPI_NO_COLUMN ((size_t)-1)

/* ------------------------------------------------------------------------
 * Structs
 * ---------------------------------------------------------------------- */

/** A piece of text, borrowed. Not NUL-terminated. */
typedef struct cckpi_text {
  const char* data;
  size_t size;
} cckpi_text;

/** Initialises a cckpi_text from a literal. */
#define CCKPI_TEXT(literal) \
  { literal, sizeof(literal) - 1 }

/** An event as a struct. Text fields that are empty are absent. Which fields
 *  a kind needs, docs/events.md says. */
typedef struct cckpi_event {
  uint32_t struct_size;
  uint32_t flags;         /* enum cckpi_event_flag */
  int64_t at_us;          /* when it happened at the provider */
  int64_t received_at_us; /* 0: absent; feeds lateness counters only */
  uint8_t kind;           /* cckpi_kind */
  uint8_t by;             /* cckpi_actor */
  uint8_t message_flags;  /* cckpi_message_flag bits */
  uint8_t reserved[5];    /* 0 */
  cckpi_text id;          /* duplicates are recognised by it */
  cckpi_text interaction;
  cckpi_text customer;
  cckpi_text channel;
  cckpi_text source;
  cckpi_text team;
  cckpi_text agent;
  cckpi_text priority;
  cckpi_text message;
  cckpi_text state;
  cckpi_text reason;
  const cckpi_text* tag_names; /* tag_count of each */
  const cckpi_text* tag_values;
  size_t tag_count;
  const cckpi_text* error_severities; /* of reviewed: error_count of each */
  const int64_t* error_counts;
  size_t error_count;
  int64_t score_micro;  /* of surveyed, in millionths: 4.5 is 4500000 */
  int64_t scale_micro;  /* of surveyed: the best score */
  int64_t volume_micro; /* of forecast */
  int64_t interval_s;   /* of forecast */
} cckpi_event;

enum cckpi_event_flag {
  CCKPI_EVENT_HAS_SCORE = 1, /* score_micro is given; without it, it is not */
  CCKPI_EVENT_HAS_SCALE = 2,
  CCKPI_EVENT_HAS_VOLUME = 4
};

/** A column of texts. One of codes, offsets32, offsets64 and integers is
 *  given. An empty text is an absent one. */
typedef struct cckpi_text_column {
  uint32_t struct_size;
  uint32_t flags;
  const uint32_t* codes; /* numbers of `dictionary`, one per row */
  const cckpi_dictionary* dictionary;
  /* bytes[offsets[r] .. offsets[r + 1]) is the text of row r: one offset more
   * than rows, all of them within byte_count. */
  const int32_t* offsets32;
  const int64_t* offsets64;
  const char* bytes;
  size_t byte_count;
  const int64_t* integers; /* whose decimal text is the name, one per row */
  /* Rows that have a text: bit `valid_offset + row` from the least
   * significant on. NULL: all. */
  const uint8_t* valid;
  size_t valid_offset;
} cckpi_text_column;

/** A tag in columns. */
typedef struct cckpi_tag_column {
  uint32_t struct_size;
  uint32_t flags;
  cckpi_text name;
  const cckpi_text_column* values;
} cckpi_tag_column;

/** The errors of one severity that reviews found, in columns. */
typedef struct cckpi_error_column {
  uint32_t struct_size;
  uint32_t flags;
  cckpi_text severity;
  const int64_t* counts; /* CCKPI_NO_VALUE: not given */
} cckpi_error_column;

/** A batch of events in columns, all of row_count rows. A column that is NULL
 *  is absent in every row. */
typedef struct cckpi_event_columns {
  uint32_t struct_size;
  uint32_t flags;
  size_t row_count;
  const int64_t* at_us;                /* required */
  const uint8_t* kind;                 /* cckpi_kind; it or the next one */
  const cckpi_text_column* kind_names; /* "customer_message", … */
  const int64_t* received_at_us;       /* CCKPI_NO_TIME: absent */
  const uint8_t* by;                   /* cckpi_actor */
  const uint8_t* message_flags;        /* cckpi_message_flag bits */
  const cckpi_text_column* id;
  const cckpi_text_column* interaction;
  const cckpi_text_column* customer;
  const cckpi_text_column* channel;
  const cckpi_text_column* source;
  const cckpi_text_column* team;
  const cckpi_text_column* agent;
  const cckpi_text_column* priority;
  const cckpi_text_column* message;
  const cckpi_text_column* state;
  const cckpi_text_column* reason;
  const cckpi_tag_column* tags;
  size_t tag_count;
  const cckpi_error_column* errors;
  size_t error_count;
  const int64_t* score_micro; /* CCKPI_NO_VALUE: absent; so the next two */
  const int64_t* scale_micro;
  const int64_t* volume_micro;
  const int64_t* interval_s; /* 0: absent */
} cckpi_event_columns;

/** How to make an engine. */
typedef struct cckpi_engine_options {
  uint32_t struct_size;
  uint32_t flags; /* enum cckpi_engine_flag */
  /* A KPI, by id or catalogue name, whose observations are kept for
   * cckpi_engine_explain. Costs memory for each of them. Empty: none. */
  cckpi_text explain;
} cckpi_engine_options;

enum cckpi_engine_flag {
  /* The engine is one shard of several, to be merged: docs/c-api.md. */
  CCKPI_ENGINE_SHARD = 1,
  /* Also what only HTML pages show is kept: arrivals, the backlog, first
   * responses and waits. Reports stay as they are. */
  CCKPI_ENGINE_KEEP_FOR_HTML = 2
};

/** How to take a batch. */
typedef struct cckpi_ingest_options {
  uint32_t struct_size;
  uint32_t flags;
  cckpi_text source;   /* the batch's name in refusals: a file, a topic */
  const int64_t* rows; /* the row of each event in refusals; NULL: 1, 2, … */
  size_t row_count;    /* of `rows`, when it is given */
} cckpi_ingest_options;

/** How to read a log of text. */
typedef struct cckpi_log_options {
  uint32_t struct_size;
  uint32_t flags;
  cckpi_text source;            /* the log's name in refusals and errors */
  const cckpi_mapping* mapping; /* NULL: a log of events */
  cckpi_log_format format;
  int32_t reserved; /* 0 */
} cckpi_log_options;

/** What became of a batch. The library writes as much as struct_size says. */
typedef struct cckpi_ingest_result {
  uint32_t struct_size;
  uint32_t flags;
  int64_t accepted;
  int64_t late;
  int64_t refused;
  int64_t exhausted; /* found no room within max_memory_bytes */
} cckpi_ingest_result;

/** A question. All zero: every reported KPI, over all time, as the total and
 *  by each configured group. */
typedef struct cckpi_query {
  uint32_t struct_size;
  uint32_t flags;         /* enum cckpi_query_flag */
  const cckpi_text* kpis; /* ids or catalogue names */
  size_t kpi_count;
  const cckpi_text* by; /* dimensions of one group: "channel", "tag.plan" */
  size_t by_count;      /* 0 with CCKPI_QUERY_BY: the total only */
  cckpi_frequency every;
  int32_t max_rows; /* RESOURCE_EXHAUSTED for more; 0: 4,000,000 */
  int64_t begin_us; /* only windows that overlap [begin, end); 0 or */
  int64_t end_us;   /* CCKPI_NO_TIME: no bound */
  /* Only what has these values, where_count of each: dimension and value, an
   * empty value for what has none. Without `by` only the total is given. */
  const cckpi_text* where_names;
  const cckpi_text* where_values;
  size_t where_count;
} cckpi_query;

enum cckpi_query_flag {
  CCKPI_QUERY_BY = 1, /* `by` says the one group; else all configured ones */
  /* Names in `kpis` are those that scorecards, scaling rules and report
   * schedules use, each for one KPI. */
  CCKPI_QUERY_REFERENCED = 2
};

/** What goes into a snapshot beside the engine's state: names and bytes, any
 *  bytes, of the host. */
typedef struct cckpi_snapshot_options {
  uint32_t struct_size;
  uint32_t flags;
  /* How far the host has read its sources. */
  const cckpi_text* position_names; /* position_count of each */
  const cckpi_text* positions;
  size_t position_count;
  /* The host's own state, such as that of a monitor. */
  const cckpi_text* section_names; /* section_count of each */
  const cckpi_text* sections;
  size_t section_count;
} cckpi_snapshot_options;

/** Which scorecards, and when. All zero: every one, its closed windows. */
typedef struct cckpi_scorecard_query {
  uint32_t struct_size;
  uint32_t flags;               /* enum cckpi_scorecard_flag */
  const cckpi_text* scorecards; /* ids */
  size_t scorecard_count;
  cckpi_frequency every; /* instead of the frequency of each; 0: theirs */
  int32_t reserved;      /* 0 */
  int64_t begin_us;      /* only windows that overlap [begin, end); 0 or */
  int64_t end_us;        /* CCKPI_NO_TIME: no bound */
} cckpi_scorecard_query;

enum cckpi_scorecard_flag {
  CCKPI_SCORECARD_CURRENT = 1 /* the window that holds now too, provisional */
};

/** How an HTML page looks. */
typedef struct cckpi_html_options {
  uint32_t struct_size;
  uint32_t flags;
  cckpi_text title;
  /* The text of Apache ECharts 6 (echarts.min.js), its SHA-256 in base64, and
   * its licences. Empty: a page of tables, without charts. */
  cckpi_text chart_library;
  cckpi_text chart_library_sha256;
  cckpi_text chart_notice;
  size_t max_groups; /* of more, a table has the largest; 0: 50 */
} cckpi_html_options;

/** Events counted since the engine was made, pending ones included. */
typedef struct cckpi_event_counts {
  uint32_t struct_size;
  uint32_t flags;
  int64_t applied;
  int64_t duplicate;
  int64_t late;
  int64_t refused;
} cckpi_event_counts;

/** Sizes of an engine, for capacity planning. */
typedef struct cckpi_engine_sizes {
  uint32_t struct_size;
  uint32_t flags;
  uint64_t interactions; /* known, open or closed */
  uint64_t pending_events;
  uint64_t cells; /* (bucket, group); a run of equal buckets counts once */
  uint64_t timers;
  uint64_t bytes_per_interaction; /* without what few interactions have */
} cckpi_engine_sizes;

/** What a rule sees at a tick. */
typedef struct cckpi_rule_reading {
  uint32_t struct_size;
  uint32_t flags; /* enum cckpi_rule_reading_flag */
  int64_t now_us;
  /* The value in millionths of the KPI's unit, as the fraction
   * value_micro / value_denominator (0 counts as 1); CCKPI_NO_VALUE: none. */
  int64_t value_micro;
  int64_t value_denominator;
  int64_t observations; /* n, behind the value */
  /* Of a burn-rate rule, burn_count of each, one for each band: the service
   * level over both windows in millionths, CCKPI_NO_VALUE for none, and the
   * observations of the long one. Then value and n do not count. */
  const int64_t* burn_long_micro;
  const int64_t* burn_short_micro;
  const int64_t* burn_observations;
  size_t burn_count;
} cckpi_rule_reading;

enum cckpi_rule_reading_flag {
  CCKPI_RULE_MUTED = 1,    /* nothing is sent */
  CCKPI_RULE_INHIBITED = 2 /* nothing is sent */
};

/* ------------------------------------------------------------------------
 * The library
 * ---------------------------------------------------------------------- */

/** The version, "0.1.0". Static.
 *  \since 0.1 */
CCKPI_API const char* cckpi_library_version(void);

/** The number of the binary interface, that of the library's SONAME. A
 *  program that was built against a header of another one must not run.
 *  \since 0.1 */
CCKPI_API int32_t cckpi_library_abi(void);

/** "INVALID_ARGUMENT" for 3. Static; "UNKNOWN" for a number that is no code.
 *  \since 0.1 */
CCKPI_API const char* cckpi_code_name(cckpi_code code);

/** The text that ends with the NUL at or after `data`; empty for NULL. It
 *  borrows `data`.
 *  \since 0.1 */
CCKPI_API cckpi_text cckpi_text_of(const char* data);

/* ------------------------------------------------------------------------
 * Errors and buffers
 * ---------------------------------------------------------------------- */

/** The code that the call returned; CCKPI_OK for NULL.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_error_code(const cckpi_error* error);

/** What is wrong, in words, with place and thing. NUL-terminated; out_size
 *  may be NULL. Never NULL.
 *  \since 0.1 */
CCKPI_API const char* cckpi_error_message(const cckpi_error* error,
                                          size_t* out_size);

/** Where: the path in a configuration ("cards[2].weight"), the argument or
 *  column ("columns.at_us"). Empty where there is none. NUL-terminated.
 *  \since 0.1 */
CCKPI_API const char* cckpi_error_path(const cckpi_error* error,
                                       size_t* out_size);

/** The row or line, from 1; 0 where there is none.
 *  \since 0.1 */
CCKPI_API int64_t cckpi_error_row(const cckpi_error* error);

/** \since 0.1 */
CCKPI_API void cckpi_error_destroy(cckpi_error* error);

/** The bytes. A NUL follows them that is not counted. Never NULL, save for
 *  NULL.
 *  \since 0.1 */
CCKPI_API const char* cckpi_buffer_data(const cckpi_buffer* buffer);

/** \since 0.1 */
CCKPI_API size_t cckpi_buffer_size(const cckpi_buffer* buffer);

/** \since 0.1 */
CCKPI_API void cckpi_buffer_destroy(cckpi_buffer* buffer);

/* ------------------------------------------------------------------------
 * Instants and names
 * ---------------------------------------------------------------------- */

/** Reads RFC 3339 with an offset ("2026-03-09T01:00:00+01:00") or integer
 *  microseconds UTC. CCKPI_INVALID_ARGUMENT for other text.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_time_parse(const char* text, size_t size,
                                      int64_t* out_time_us,
                                      cckpi_error** error);

/** Writes "2026-03-09T00:00:00Z", with a fraction only when there is one, and
 *  a NUL into `out`, as far as `capacity` goes. Returns the size of the whole
 *  text without the NUL; 32 bytes are always enough.
 *  \since 0.1 */
CCKPI_API size_t cckpi_time_format(int64_t time_us, char* out, size_t capacity);

/** The number of "customer_message"; -1 for a name that is none.
 *  \since 0.1 */
CCKPI_API cckpi_kind cckpi_kind_parse(const char* name, size_t size);

/** "customer_message" for 0; NULL for a number that is no kind. Static.
 *  \since 0.1 */
CCKPI_API const char* cckpi_kind_name(cckpi_kind kind);

/* ------------------------------------------------------------------------
 * Configuration: what to compute, in JSON (docs/config.md)
 * ---------------------------------------------------------------------- */

/** Reads a configuration. Size 0 gives the default one: every KPI.
 *  CCKPI_INVALID_ARGUMENT: the message has every problem on a line of its own;
 *  the path is that of the first. Nothing is guessed: an unknown key is an
 *  error, with the nearest known one.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_config_create(const char* json, size_t size,
                                         cckpi_config** out_config,
                                         cckpi_error** error);

/** \since 0.1 */
CCKPI_API void cckpi_config_destroy(cckpi_config* config);

/** Checks a configuration and gives its problems: a table of path and
 *  problem, without rows when it is sound.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_config_check(const char* json, size_t size,
                                        cckpi_table** out_problems,
                                        cckpi_error** error);

/** The reports of the configuration's schedule that are due in (since, now],
 *  in the order of due time; `since` CCKPI_NO_TIME: of each the last one that
 *  is due by now. Columns: report, due, begin, end (of the closed window),
 *  every, kpis, by, to (lists), format. Query and delivery are the host's.
 *  CCKPI_INVALID_ARGUMENT for instants outside [1990, 2100).
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_config_due_reports(const cckpi_config* config,
                                              int64_t since_us, int64_t now_us,
                                              cckpi_table** out_reports,
                                              cckpi_error** error);

/** The open time of [begin_us, end_us) by a calendar of the configuration, in
 *  microseconds. CCKPI_NOT_FOUND when there is no such calendar,
 *  CCKPI_INVALID_ARGUMENT when the end is before the begin, or an instant
 *  outside [1990, 2100).
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_config_business_time(
    const cckpi_config* config, const char* calendar, size_t calendar_size,
    int64_t begin_us, int64_t end_us, int64_t* out_open_us,
    cckpi_error** error);

/** The last instant at which at most `span_us` of open time have passed since
 *  `start_us`: a span that is used up at closing is due at the next opening.
 *  CCKPI_NEVER when it is not used up before 2100. Codes as above.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_config_deadline(const cckpi_config* config,
                                           const char* calendar,
                                           size_t calendar_size,
                                           int64_t start_us, int64_t span_us,
                                           int64_t* out_due_us,
                                           cckpi_error** error);

/** Runs a script of cases for scaling rules (docs/scaling.md, "Tests of
 *  rules"), without an engine. `config` stands for every configuration that
 *  the script names by a path; NULL: it may only hold its own. out_failures
 *  receives a row per expectation that was not met, with the column failure;
 *  out_cases and out_failed how many cases there are and how many of them
 *  failed. Each of the three may be NULL. CCKPI_INVALID_ARGUMENT with the path
 *  of what is wrong in the script.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_config_test_alerts(const cckpi_config* config,
                                              const char* script, size_t size,
                                              cckpi_table** out_failures,
                                              int64_t* out_cases,
                                              int64_t* out_failed,
                                              cckpi_error** error);

/** Reads a mapping in JSON (docs/events.md): which column of a foreign log is
 *  which field. CCKPI_INVALID_ARGUMENT with path.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_mapping_create(const char* json, size_t size,
                                          cckpi_mapping** out_mapping,
                                          cckpi_error** error);

/** \since 0.1 */
CCKPI_API void cckpi_mapping_destroy(cckpi_mapping* mapping);

/** The catalogue: a row per KPI with name, title, unit, summary, starts, ends,
 *  population, credited_to, attribution, statistic (the default) and
 *  statistics.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_catalogue_kpis(cckpi_table** out_table,
                                          cckpi_error** error);

/** A row per KPI and option that it takes: kpi, option, values, default,
 *  summary.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_catalogue_options(cckpi_table** out_table,
                                             cckpi_error** error);

/* ------------------------------------------------------------------------
 * Dictionary: text as numbers, for columns
 *
 * Number 0 is the empty text, so a zero in a column is absent. One dictionary
 * may serve any column of any number of engines, and grows while they use it.
 * An engine looks each text up once, not in every batch.
 * ---------------------------------------------------------------------- */

/** \since 0.1 */
CCKPI_API cckpi_code cckpi_dictionary_create(cckpi_dictionary** out_dictionary,
                                             cckpi_error** error);

/** Ends the host's use; engines keep what they need of it.
 *  \since 0.1 */
CCKPI_API void cckpi_dictionary_destroy(cckpi_dictionary* dictionary);

/** Gives each of `count` texts its number, the same for the same text.
 *  CCKPI_INVALID_ARGUMENT, with the row, for text that is not UTF-8, holds a
 *  NUL or has more than 1024 bytes; then none is added.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_dictionary_intern(cckpi_dictionary* dictionary,
                                             const cckpi_text* texts,
                                             size_t count, uint32_t* out_codes,
                                             cckpi_error** error);

/** How many texts there are; the greatest number is one less.
 *  \since 0.1 */
CCKPI_API uint32_t cckpi_dictionary_size(const cckpi_dictionary* dictionary);

/** The text of a number, NUL-terminated; NULL for a number that is none.
 *  \since 0.1 */
CCKPI_API const char* cckpi_dictionary_text(const cckpi_dictionary* dictionary,
                                            uint32_t code, size_t* out_size);

/* ------------------------------------------------------------------------
 * Engine
 *
 * Events may come in any order within the configured allowed_lateness. The
 * watermark is the greatest instant seen, or now, minus that. What is before
 * it is final, and an event before it is late: refused, counted and handed
 * back. What is after it is in every answer, as provisional.
 * ---------------------------------------------------------------------- */

/** Makes an engine; `config` NULL is the default one, and may be destroyed
 *  right after. CCKPI_INVALID_ARGUMENT for a configuration that cannot be
 *  computed, CCKPI_NOT_FOUND when there is no KPI options->explain.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_create(const cckpi_config* config,
                                         const cckpi_engine_options* options,
                                         cckpi_engine** out_engine,
                                         cckpi_error** error);

/** \since 0.1 */
CCKPI_API void cckpi_engine_destroy(cckpi_engine* engine);

/** CCKPI_OK while the engine can be used. CCKPI_DATA_LOSS after a call that
 *  changes the engine ran out of memory on the way: what it holds cannot be
 *  trusted, and every other call but the destruction returns
 *  CCKPI_DATA_LOSS too. Go on from the last snapshot, or feed a new engine.
 *  A limit that is configured (max_memory_bytes) never leads to this: it is
 *  checked before anything changes.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_status(const cckpi_engine* engine);

/** Takes `count` events as structs; one or many. A bad event is refused by
 *  itself and the others are applied.
 *
 *  out_row_status receives `count` bytes of cckpi_row_status, out_result the
 *  counts, out_refusals a table of source, row, reason and event (its id, or
 *  the interaction), or NULL when every row was accepted. Each of the three
 *  may be NULL. Events are read by the struct_size of the first one, which
 *  the others must have too.
 *
 *  CCKPI_RESOURCE_EXHAUSTED with the path "max_memory_bytes" when rows found
 *  no room within the limit of the configuration. Only then outputs are
 *  written although the call fails: rows that were not taken are
 *  CCKPI_ROW_EXHAUSTED and among the refusals, the others were taken. They
 *  left no trace, so they may be sent again.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_ingest_events(
    cckpi_engine* engine, const cckpi_event* events, size_t count,
    const cckpi_ingest_options* options, uint8_t* out_row_status,
    cckpi_ingest_result* out_result, cckpi_table** out_refusals,
    cckpi_error** error);

/** The same for columns, the fastest way: no look at text whose column has
 *  codes or integers. out_row_status receives row_count bytes. The columns are
 *  only read, and only during the call.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_ingest_columns(
    cckpi_engine* engine, const cckpi_event_columns* columns,
    const cckpi_ingest_options* options, uint8_t* out_row_status,
    cckpi_ingest_result* out_result, cckpi_table** out_refusals,
    cckpi_error** error);

/** The same for an Arrow record batch: a struct array whose children are the
 *  fields of docs/events.md, in any order; others are passed over. Instants
 *  are timestamp with a time zone, of any unit, or int64 microseconds; texts
 *  utf8, large_utf8, utf8_view, a dictionary of those, or integers; `kind` and
 *  `by` are texts or uint8; `flags` uint8 bits, the names separated by blanks,
 *  a list of names, or a column of booleans for each, "flags.private"; numbers
 *  are integers or floating point. Tags and errors come as columns "tag.NAME"
 *  and "errors.SEVERITY", or as a struct each.
 *
 *  Schema and array are borrowed for the call and not released. Their shape is
 *  checked (children, buffers, offsets, codes); the format does not say how
 *  long buffers are, so that is the producer's word. CCKPI_INVALID_ARGUMENT,
 *  with the column as path, for what has another shape or type: then no row
 *  is applied.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_ingest_arrow(
    cckpi_engine* engine, const struct ArrowSchema* schema,
    const struct ArrowArray* array, const cckpi_ingest_options* options,
    uint8_t* out_row_status, cckpi_ingest_result* out_result,
    cckpi_table** out_refusals, cckpi_error** error);

/** The same for all batches of a stream, as one batch: rows are counted on.
 *  The stream is read to its end and not released. When it fails on the way
 *  (CCKPI_UNAVAILABLE with its message), the batches before are in, and the
 *  error's row is the first that is not.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_ingest_arrow_stream(
    cckpi_engine* engine, struct ArrowArrayStream* stream,
    const cckpi_ingest_options* options, cckpi_ingest_result* out_result,
    cckpi_table** out_refusals, cckpi_error** error);

/** The same for a log of text, JSON Lines or CSV, plain or gzip, whole lines;
 *  `options` NULL tells which by itself. Rows are lines. Lines that cannot be
 *  read are among the refusals. When the log breaks off (a damaged gzip:
 *  CCKPI_DATA_LOSS or CCKPI_INVALID_ARGUMENT), the lines before are in, and
 *  the error's row is the first that is not.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_ingest_log(cckpi_engine* engine,
                                             const char* log, size_t size,
                                             const cckpi_log_options* options,
                                             cckpi_ingest_result* out_result,
                                             cckpi_table** out_refusals,
                                             cckpi_error** error);

/** The host's now. Time never goes back: an earlier now is ignored.
 *  Deadlines, automatic closes and FCR windows fire. CCKPI_INVALID_ARGUMENT
 *  outside [1990, 2100).
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_advance(cckpi_engine* engine, int64_t now_us,
                                          cckpi_error** error);

/** Nothing more comes: everything up to now is final.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_finish(cckpi_engine* engine,
                                         cckpi_error** error);

/** Asks. `query` NULL is all zero. A row per KPI, window and group that has
 *  data, ordered by KPI, begin, group, with the columns of docs/c-api.md: kpi,
 *  id, the definition (statistic, clock, …), begin, end, by, one column per
 *  dimension, value, unit, the figures (count, sum_us, met, …), provisional.
 *  `by` names the row's dimensions, separated by blanks; one of them without
 *  a text is "none". CCKPI_NOT_FOUND for a KPI that is not configured, or
 *  dimensions that no configured group keeps together,
 *  CCKPI_RESOURCE_EXHAUSTED for more than four million rows.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_query(const cckpi_engine* engine,
                                        const cckpi_query* query,
                                        cckpi_table** out_table,
                                        cckpi_error** error);

/** Asks `count` questions at once, which costs less than one after the other:
 *  what is pending is applied once. out_tables receives `count` tables, or
 *  nothing on a failure.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_query_all(const cckpi_engine* engine,
                                            const cckpi_query* queries,
                                            size_t count,
                                            cckpi_table** out_tables,
                                            cckpi_error** error);

/** Evaluates the configuration's scorecards, in its order, then by begin and
 *  group. Each of the two tables may be NULL.
 *
 *  out_scores, a row per scorecard, window and group: scorecard, begin, end,
 *  by, the dimensions, every, method (binary, linear, zones), no_data, score
 *  (0 to 1), score_micro, weight_permille, provisional.
 *  out_lines, a row per card or member of each: scorecard, begin, end, by, the
 *  dimensions, line (from 1), kpi, statistic, clock, scope, member,
 *  member_group, method, target, target_micro, zones ("<=15m 1000"), unit,
 *  value, value_micro, value_denominator, n, min_n, state, weight_permille,
 *  attainment, attainment_micro, contribution, contribution_micro,
 *  provisional; scope, member_group ("team=lions") and zones are lists.
 *
 *  CCKPI_NOT_FOUND for a scorecard that there is not,
 *  CCKPI_RESOURCE_EXHAUSTED for more than a million lines.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_scorecards(const cckpi_engine* engine,
                                             const cckpi_scorecard_query* query,
                                             cckpi_table** out_scores,
                                             cckpi_table** out_lines,
                                             cckpi_error** error);

/** The same as one text, as the tool `cckpi scorecard` writes it: a list in
 *  JSON, CSV, or, for people, text. CCKPI_INVALID_ARGUMENT for another format.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_scorecards_render(
    const cckpi_engine* engine, const cckpi_scorecard_query* query,
    cckpi_render_format format, cckpi_buffer** out_buffer, cckpi_error** error);

/** The answer to a row of cckpi_config_due_reports: what the report of that id
 *  says about the closed window [begin_us, end_us). out_rows receives its rows
 *  as a query does, or NULL when it has scorecards only; out_scores and
 *  out_lines its scorecards of the windows that closed in it, or NULL when it
 *  has none. Each of the three may be NULL. CCKPI_NOT_FOUND when the
 *  configuration has no such report.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_scheduled_report(
    const cckpi_engine* engine, const char* report, size_t report_size,
    int64_t begin_us, int64_t end_us, cckpi_table** out_rows,
    cckpi_table** out_scores, cckpi_table** out_lines, cckpi_error** error);

/** Who has been waiting longest: the open waits of a scope (as of a query; no
 *  names: of all), `most` of them, longest first, equal ones by interaction: a
 *  table of interaction and since. Looks at every known interaction.
 *  CCKPI_NOT_FOUND for a tag that no configured group has.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_longest_waits(const cckpi_engine* engine,
                                                const cckpi_text* where_names,
                                                const cckpi_text* where_values,
                                                size_t where_count, size_t most,
                                                cckpi_table** out_waits,
                                                cckpi_error** error);

/** Writes a page for people: figures, charts over time, distributions, tables,
 *  definitions (docs/html-report.md). One file that asks the network for
 *  nothing. CCKPI_INVALID_ARGUMENT for more rows than fit a page.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_html(const cckpi_engine* engine,
                                       const cckpi_query* query,
                                       const cckpi_html_options* options,
                                       cckpi_buffer** out_page,
                                       cckpi_error** error);

/** The observations behind the KPI of cckpi_engine_options::explain, of
 *  query's window and `by`, in the order of booking: interaction, episode,
 *  start, end, booked, value (microseconds, or a count), outcome, and a column
 *  per dimension. CCKPI_FAILED_PRECONDITION when the engine was made without.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_explain(const cckpi_engine* engine,
                                          const cckpi_query* query,
                                          cckpi_table** out_table,
                                          cckpi_error** error);

/** The earliest instant seen, forecasts left out; CCKPI_NO_TIME: nothing yet.
 *  \since 0.1 */
CCKPI_API int64_t cckpi_engine_first(const cckpi_engine* engine);

/** Before this instant everything is final; CCKPI_NO_TIME: nothing yet.
 *  \since 0.1 */
CCKPI_API int64_t cckpi_engine_watermark(const cckpi_engine* engine);

/** The greatest instant seen, or now; CCKPI_NO_TIME: nothing yet.
 *  \since 0.1 */
CCKPI_API int64_t cckpi_engine_now(const cckpi_engine* engine);

/** The earliest instant after now at which time alone may change a count; may
 *  be too early, never too late. CCKPI_NEVER when nothing waits.
 *  \since 0.1 */
CCKPI_API int64_t cckpi_engine_next_timer(const cckpi_engine* engine);

/** Counts events: what all batches brought, those before a snapshot and those
 *  of merged engines too. `refused` has the lines of logs that could not be
 *  read. Set out_counts->struct_size before.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_counts(const cckpi_engine* engine,
                                         cckpi_event_counts* out_counts,
                                         cckpi_error** error);

/** The first hundred refusals of all batches: source, row, reason, event.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_refusals(const cckpi_engine* engine,
                                           cckpi_table** out_table,
                                           cckpi_error** error);

/** How the durations behind each row of a query spread: a row per bin that
 *  holds any, with the columns of the query up to the dimensions, then
 *  bin_begin_us, bin_end_us, count. A bin is at most 1.6 % wide. KPIs that
 *  are no durations have none. max_rows of the query counts bins.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_distributions(const cckpi_engine* engine,
                                                const cckpi_query* query,
                                                cckpi_table** out_table,
                                                cckpi_error** error);

/** The memory that the engine's state takes, in bytes (docs/memory.md); what
 *  max_memory_bytes of the configuration limits. Costs a walk over the state.
 *  \since 0.1 */
CCKPI_API uint64_t cckpi_engine_memory_bytes(const cckpi_engine* engine);

/** Measures. Set out_sizes->struct_size before.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_measure(const cckpi_engine* engine,
                                          cckpi_engine_sizes* out_sizes,
                                          cckpi_error** error);

/* ------------------------------------------------------------------------
 * Durability and shards
 *
 * A snapshot is the whole state as bytes (docs/snapshot-format.md). With the
 * host's positions in it, a restart has exactly-once effect: restore, and read
 * on from the positions. docs/c-api.md shows how.
 * ---------------------------------------------------------------------- */

/** Saves. The bytes depend on the state alone, not on how it came about.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_save(const cckpi_engine* engine,
                                       const cckpi_snapshot_options* options,
                                       cckpi_buffer** out_snapshot,
                                       cckpi_error** error);

/** Makes an engine that goes on where the saved one was.
 *  CCKPI_INVALID_ARGUMENT or CCKPI_DATA_LOSS when the bytes are no whole,
 *  undamaged snapshot; CCKPI_FAILED_PRECONDITION names what differs when it
 *  was made under other definitions.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_restore(const cckpi_config* config,
                                          const cckpi_engine_options* options,
                                          const char* snapshot, size_t size,
                                          cckpi_engine** out_engine,
                                          cckpi_error** error);

/** What the host had put into the snapshot that the engine was restored from,
 *  and into those merged since. Borrowed until the next call that changes the
 *  engine. NULL when there is no such name.
 *  \since 0.1 */
CCKPI_API const char* cckpi_engine_position(const cckpi_engine* engine,
                                            const char* name, size_t size,
                                            size_t* out_size);

/** The same for sections.
 *  \since 0.1 */
CCKPI_API const char* cckpi_engine_section(const cckpi_engine* engine,
                                           const char* name, size_t size,
                                           size_t* out_size);

/** Their names: a table of kind ("position", "section"), name and size.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_saved(const cckpi_engine* engine,
                                        cckpi_table** out_table,
                                        cckpi_error** error);

/** Adds what `other` has seen; `other` does not change. On a failure nothing
 *  has changed: CCKPI_INVALID_ARGUMENT names an interaction, customer, agent,
 *  forecast or position that is in both (an engine is never merged with
 *  itself), CCKPI_FAILED_PRECONDITION says that the definitions differ.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_merge(cckpi_engine* engine,
                                        const cckpi_engine* other,
                                        cckpi_error** error);

/** All shards are merged: the agent time that they kept is booked, and the
 *  engine is no shard from here on.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_engine_join(cckpi_engine* engine,
                                       cckpi_error** error);

/* ------------------------------------------------------------------------
 * Scaling matrix (docs/scaling.md)
 *
 * The host ticks, say once a minute, and delivers what comes out. A monitor
 * keeps no reference to an engine.
 * ---------------------------------------------------------------------- */

/** Makes a monitor of the configuration's scaling_matrix.
 *  CCKPI_INVALID_ARGUMENT when a rule is not whole.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_monitor_create(const cckpi_config* config,
                                          cckpi_monitor** out_monitor,
                                          cckpi_error** error);

/** \since 0.1 */
CCKPI_API void cckpi_monitor_destroy(cckpi_monitor* monitor);

/** CCKPI_OK while the monitor can be used. CCKPI_DATA_LOSS after a call that
 *  changes it ran out of memory on the way; cckpi_monitor_restore makes it
 *  good again.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_monitor_status(const cckpi_monitor* monitor);

/** One tick of every rule, after the engine was advanced to `now_us`. A tick
 *  that is not after the last one changes nothing. Each of the two tables may
 *  be NULL; both are in the order of rules and groups, and may have no rows.
 *
 *  out_transitions: at, rule, by, a column per dimension, from, from_level,
 *  to, to_level, value, value_micro, value_denominator, n, incident, silence.
 *  out_notifications: at, rule, by, the dimensions, kind, incident, sequence,
 *  kpi, level, previous_level, value, value_micro, value_denominator, n,
 *  target, target_micro, over_micro, factor_permille, since, opened, peak,
 *  peak_at, ladder_step, acknowledged_by, actions, recipients, contributors,
 *  contributor_values, contributor_outcomes; the last five are lists. The
 *  values are microseconds of a span or an age, millionths of a score, else
 *  a count.
 *
 *  CCKPI_FAILED_PRECONDITION when the engine's now is before `now_us`.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_monitor_tick(cckpi_monitor* monitor,
                                        const cckpi_engine* engine,
                                        int64_t now_us,
                                        cckpi_table** out_transitions,
                                        cckpi_table** out_notifications,
                                        cckpi_error** error);

/** Somebody takes care of an incident: no more repeats and ladder steps. The
 *  first acknowledgement counts. CCKPI_NOT_FOUND when no such incident is
 *  open.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_monitor_acknowledge(
    cckpi_monitor* monitor, const char* incident, size_t incident_size,
    const char* by, size_t by_size, int64_t when_us, cckpi_error** error);

/** Where every rule stands for every known group: rule, by, the dimensions,
 *  state, level, entered, last, value, value_micro, value_denominator, n,
 *  peak, peak_at, incident, since, opened, sequence, acknowledged_by,
 *  acknowledged_at, ladder_step.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_monitor_alerts(const cckpi_monitor* monitor,
                                          cckpi_table** out_alerts,
                                          cckpi_error** error);

/** The last tick; CCKPI_NO_TIME before the first.
 *  \since 0.1 */
CCKPI_API int64_t cckpi_monitor_last_tick(const cckpi_monitor* monitor);

/** For replays: the earliest instant after the last tick at which a tick could
 *  change or send anything while no event comes; CCKPI_NEVER: none. Ticks
 *  before it may be left out if cckpi_monitor_skip is told the last of them.
 *  \since 0.1 */
CCKPI_API int64_t cckpi_monitor_next_change(const cckpi_monitor* monitor,
                                            const cckpi_engine* engine);

/** \since 0.1 */
CCKPI_API cckpi_code cckpi_monitor_skip(cckpi_monitor* monitor, int64_t last_us,
                                        cckpi_error** error);

/** The states as bytes, the same for the same states: a section of a snapshot,
 *  say.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_monitor_save(const cckpi_monitor* monitor,
                                        cckpi_buffer** out_bytes,
                                        cckpi_error** error);

/** Replaces all states by saved ones. Rules that the configuration no longer
 *  has are left out. CCKPI_INVALID_ARGUMENT or CCKPI_DATA_LOSS for anything
 *  else than saved bytes; then nothing has changed.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_monitor_restore(cckpi_monitor* monitor,
                                           const char* bytes, size_t size,
                                           cckpi_error** error);

/** Makes one rule, by its id in the configuration, that the host feeds with
 *  values itself. CCKPI_NOT_FOUND when there is no such rule.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_rule_create(const cckpi_config* config,
                                       const char* id, size_t id_size,
                                       cckpi_rule** out_rule,
                                       cckpi_error** error);

/** \since 0.1 */
CCKPI_API void cckpi_rule_destroy(cckpi_rule* rule);

/** One tick; the tables are those of cckpi_monitor_tick. When memory runs out
 *  nothing has changed.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_rule_tick(cckpi_rule* rule,
                                     const cckpi_rule_reading* reading,
                                     cckpi_table** out_transitions,
                                     cckpi_table** out_notifications,
                                     cckpi_error** error);

/** CCKPI_FAILED_PRECONDITION when no incident is open.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_rule_acknowledge(cckpi_rule* rule, const char* by,
                                            size_t by_size, int64_t when_us,
                                            cckpi_error** error);

/** One row, as of cckpi_monitor_alerts.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_rule_alert(const cckpi_rule* rule,
                                      cckpi_table** out_alert,
                                      cckpi_error** error);

/** The state as bytes, and back: as of a monitor.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_rule_save(const cckpi_rule* rule,
                                     cckpi_buffer** out_bytes,
                                     cckpi_error** error);

/** \since 0.1 */
CCKPI_API cckpi_code cckpi_rule_restore(cckpi_rule* rule, const char* bytes,
                                        size_t size, cckpi_error** error);

/* ------------------------------------------------------------------------
 * Tables
 *
 * A table stands for itself: it outlives the engine that made it. Columns and
 * rows are counted from 0.
 * ---------------------------------------------------------------------- */

/** \since 0.1 */
CCKPI_API void cckpi_table_destroy(cckpi_table* table);

/** \since 0.1 */
CCKPI_API size_t cckpi_table_row_count(const cckpi_table* table);

/** \since 0.1 */
CCKPI_API size_t cckpi_table_column_count(const cckpi_table* table);

/** NUL-terminated; NULL when there is no such column. out_size may be NULL.
 *  \since 0.1 */
CCKPI_API const char* cckpi_table_column_name(const cckpi_table* table,
                                              size_t column, size_t* out_size);

/** CCKPI_TYPE_NONE when there is no such column.
 *  \since 0.1 */
CCKPI_API cckpi_type cckpi_table_column_type(const cckpi_table* table,
                                             size_t column);

/** The column of that name; CCKPI_NO_COLUMN when there is none, which every
 *  function below takes as a column without values.
 *  \since 0.1 */
CCKPI_API size_t cckpi_table_column_index(const cckpi_table* table,
                                          const char* name, size_t size);

/** 1 when the cell has no value, or there is no such cell; else 0.
 *  \since 0.1 */
CCKPI_API int32_t cckpi_table_is_null(const cckpi_table* table, size_t column,
                                      size_t row);

/** The cell of a column of INT64, TIME or BOOL; 0 when it is null or of
 *  another type.
 *  \since 0.1 */
CCKPI_API int64_t cckpi_table_int64(const cckpi_table* table, size_t column,
                                    size_t row);

/** The cell of a column of numbers as floating point; 0 when it is null or
 *  text.
 *  \since 0.1 */
CCKPI_API double cckpi_table_float64(const cckpi_table* table, size_t column,
                                     size_t row);

/** The cell of a column of TEXT, NOT NUL-terminated: print it with
 *  "%.*s". NULL when it is null or of another type.
 *  \since 0.1 */
CCKPI_API const char* cckpi_table_text(const cckpi_table* table, size_t column,
                                       size_t row, size_t* out_size);

/** How many items the cell of a column of TEXT_LIST or INT64_LIST has; 0 when
 *  it is null or of another type.
 *  \since 0.1 */
CCKPI_API size_t cckpi_table_list_size(const cckpi_table* table, size_t column,
                                       size_t row);

/** An item of a TEXT_LIST, counted from 0, NOT NUL-terminated; NULL when there
 *  is none.
 *  \since 0.1 */
CCKPI_API const char* cckpi_table_list_text(const cckpi_table* table,
                                            size_t column, size_t row,
                                            size_t item, size_t* out_size);

/** An item of an INT64_LIST; 0 when there is none.
 *  \since 0.1 */
CCKPI_API int64_t cckpi_table_list_int64(const cckpi_table* table,
                                         size_t column, size_t row,
                                         size_t item);

/** Whole columns, in Arrow's layout, row_count values each; NULL when the
 *  column is of another type, or has no rows.
 *
 *  Of INT64 and TIME.
 *  \since 0.1 */
CCKPI_API const int64_t* cckpi_table_int64_data(const cckpi_table* table,
                                                size_t column);

/** Of FLOAT64.
 *  \since 0.1 */
CCKPI_API const double* cckpi_table_float64_data(const cckpi_table* table,
                                                 size_t column);

/** Of BOOL: a byte per row.
 *  \since 0.1 */
CCKPI_API const uint8_t* cckpi_table_bool_data(const cckpi_table* table,
                                               size_t column);

/** Of INT128: 16 bytes per row, two's complement, the least significant first.
 *  \since 0.1 */
CCKPI_API const uint8_t* cckpi_table_int128_data(const cckpi_table* table,
                                                 size_t column);

/** Of TEXT: the bytes of all texts; *out_offsets receives row_count + 1
 *  offsets into them.
 *  \since 0.1 */
CCKPI_API const char* cckpi_table_text_data(const cckpi_table* table,
                                            size_t column,
                                            const int32_t** out_offsets);

/** Which rows have a value, a bit each, the least significant first; NULL when
 *  all have.
 *  \since 0.1 */
CCKPI_API const uint8_t* cckpi_table_validity_data(const cckpi_table* table,
                                                   size_t column);

/** Exports the table as an Arrow record batch, without a copy: the buffers
 *  are the table's, and live until the array is released, with or without the
 *  table. The host releases both structs. INT128 is decimal128(38, 0), TIME
 *  timestamp[us, UTC], a list is a list.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_table_export_arrow(const cckpi_table* table,
                                              struct ArrowSchema* out_schema,
                                              struct ArrowArray* out_array,
                                              cckpi_error** error);

/** The same as a stream of one batch, without a copy.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_table_export_arrow_stream(
    const cckpi_table* table, struct ArrowArrayStream* out_stream,
    cckpi_error** error);

/** Writes the table. A report as JSON is the object of `cckpi report`, with
 *  definitions and exact integers; any other table is a list of objects. As
 *  JSON Lines, transitions, notifications and alerts are the lines of
 *  docs/scaling.md; of any other table a line has the cells of a row.
 *  CCKPI_INVALID_ARGUMENT for an unknown format.
 *  \since 0.1 */
CCKPI_API cckpi_code cckpi_table_render(const cckpi_table* table,
                                        cckpi_render_format format,
                                        cckpi_buffer** out_buffer,
                                        cckpi_error** error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CCKPI_H_ */
