#include "cckpi/io/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/read_events.h"

namespace cckpi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The interactions of the events, for tests of which rows become events.
std::vector<std::string> Interactions(const ReadResult& result) {
  EXPECT_TRUE(result.status.ok()) << result.status;
  std::vector<std::string> names;
  for (const std::string& event : result.events) {
    constexpr std::string_view kKey = "\"interaction\":\"";
    size_t begin = event.find(kKey) + kKey.size();
    names.push_back(event.substr(begin, event.find('"', begin) - begin));
  }
  return names;
}

// Rows 1..6 of which `condition` on the column `who` lets some through.
std::vector<std::string> Chosen(std::string condition) {
  return Interactions(
      ReadMapped("at,n,who\n"
                 "2026-03-02T09:00:00Z,1,ana\n2026-03-02T09:00:00Z,2,ben\n"
                 "2026-03-02T09:00:00Z,3,\n2026-03-02T09:00:00Z,4,anabel\n"
                 "2026-03-02T09:00:00Z,5,true\n2026-03-02T09:00:00Z,6,7\n",
                 R"({"fields": {"at": "at", "interaction": "n"},
          "rules": [{"when": {"who": )" +
                     condition + R"(}, "kind": "queued"}]})"));
}

TEST(MappingTest, ConditionsChooseRows) {
  EXPECT_THAT(Chosen(R"("ana")"), ElementsAre("1"));
  EXPECT_THAT(Chosen(R"(["ana", "ben"])"), ElementsAre("1", "2"));
  EXPECT_THAT(Chosen(R"(true)"), ElementsAre("5"));
  EXPECT_THAT(Chosen(R"(7)"), ElementsAre("6"));
  EXPECT_THAT(Chosen(R"("")"), ElementsAre("3"));
  EXPECT_THAT(Chosen(R"({"empty": true})"), ElementsAre("3"));
  EXPECT_THAT(Chosen(R"({"empty": false})"),
              ElementsAre("1", "2", "4", "5", "6"));
  EXPECT_THAT(Chosen(R"({"not": {"empty": true}})"),
              ElementsAre("1", "2", "4", "5", "6"));
  EXPECT_THAT(Chosen(R"({"prefix": "ana"})"), ElementsAre("1", "4"));
  EXPECT_THAT(Chosen(R"({"prefix": ["b", "t"]})"), ElementsAre("2", "5"));
  EXPECT_THAT(Chosen(R"({"not": "ana"})"),
              ElementsAre("2", "3", "4", "5", "6"));
  EXPECT_THAT(Chosen(R"({"not": ["ana", ""]})"),
              ElementsAre("2", "4", "5", "6"));
  EXPECT_THAT(Chosen(R"({"not": {"prefix": "ana"}})"),
              ElementsAre("2", "3", "5", "6"));
}

TEST(MappingTest, TheFirstRuleThatFitsDecides) {
  ReadResult result = ReadMapped(
      "at,n,type\n2026-03-02T09:00:00Z,1,a\n2026-03-02T09:00:00Z,2,b\n"
      "2026-03-02T09:00:00Z,3,c\n2026-03-02T09:00:00Z,4,\n",
      R"({"fields": {"at": "at", "interaction": "n"},
          "rules": [{"when": {"type": "a"}, "skip": true},
                    {"when": {"type": ["a", "b"]}, "kind": "queued"},
                    {"when": {"type": "c"}, "kind": "hold"}],
          "else": "error"})");
  EXPECT_THAT(Interactions(result), ElementsAre("2", "3"));
  EXPECT_THAT(result.refusals,
              ElementsAre("log: line 5: no rule of the mapping fits"));
}

TEST(MappingTest, ValuesComeFromColumnsConstantsAndTables) {
  ReadResult result = ReadMapped(
      "when;n;mail;phone;lang;team;plan;errs\n"
      "1772442000;1;a@x;5;en;1;gold;2\n1772442001;2;;6;fr;2;;0\n"
      "1772442002;3;;;;3;;\n",
      R"({"input": {"format": "csv", "delimiter": ";"},
          "time": {"format": "unix_s"},
          "fields": {
            "at": "when", "received_at": "when",
            "interaction": {"column": "n", "prefix": "T-", "suffix": "/x"},
            "customer": {"first_of": ["mail", "phone"], "prefix": "c:"},
            "channel": {"constant": "mail"},
            "team": {"column": "team", "values": {"1": "one", "2": null}},
            "source": {"column": "lang", "values": {"en": "page-en"},
                       "default": "page-other"},
            "priority": {"column": "none", "optional": true,
                         "default": "normal"},
            "tags.plan": "plan", "errors.major": "errs",
            "reason": {"constant": "x"}},
          "rules": [{"kind": "reviewed", "flags": ["private", "echo"],
                     "fields": {"reason": null,
                                "agent": {"constant": 7}}}]})");
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(
      result.events,
      ElementsAre(
          R"({"at":"2026-03-02T09:00:00Z","kind":"reviewed",)"
          R"("received_at":"2026-03-02T09:00:00Z","interaction":"T-1/x",)"
          R"("customer":"c:a@x","channel":"mail","source":"page-en",)"
          R"("team":"one","agent":"7","priority":"normal",)"
          R"("flags":["private","echo"],"errors":{"major":2},)"
          R"("tags":{"plan":"gold"}})",
          R"({"at":"2026-03-02T09:00:01Z","kind":"reviewed",)"
          R"("received_at":"2026-03-02T09:00:01Z","interaction":"T-2/x",)"
          R"("customer":"c:6","channel":"mail","source":"page-other",)"
          R"("agent":"7","priority":"normal",)"
          R"("flags":["private","echo"],"errors":{"major":0}})",
          R"({"at":"2026-03-02T09:00:02Z","kind":"reviewed",)"
          R"("received_at":"2026-03-02T09:00:02Z","interaction":"T-3/x",)"
          R"("channel":"mail","source":"page-other","team":"3",)"
          R"("agent":"7","priority":"normal","flags":["private","echo"]})"));
}

TEST(MappingTest, TheKindMayComeFromAColumn) {
  ReadResult result = ReadMapped(
      "at,n,type\n2026-03-02T09:00:00Z,1,IN\n2026-03-02T09:00:00Z,2,hold\n"
      "2026-03-02T09:00:00Z,3,OUT\n2026-03-02T09:00:00Z,4,\n",
      R"({"fields": {"at": "at", "interaction": "n",
          "kind": {"column": "type", "values": {"IN": "queued"}}}})");
  EXPECT_THAT(Interactions(result), ElementsAre("1", "2"));
  EXPECT_THAT(result.refusals,
              ElementsAre("log: line 4: kind: \"OUT\" is unknown; did you "
                          "mean \"hold\"?",
                          "log: line 5: kind: missing (4)"));
}

TEST(MappingTest, OneRowGivesSeveralEventsEachWithItsTime) {
  constexpr std::string_view kMapping =
      R"({"time": {"format": "%d/%m/%Y %H:%M", "zone": "Europe/Madrid"},
          "fields": {"interaction": "n"},
          "rules": [{"fields": {"team": "team"}, "events": [
            {"kind": "customer_message", "at": "created"},
            {"kind": "agent_message", "at":
               {"column": "created", "plus": "reply_h", "plus_unit": "h"}},
            {"kind": "hold", "when": {"team": "b"}, "at": "created"},
            {"kind": "resolved", "at":
               {"column": "solved", "format": "unix_ms"},
             "fields": {"team": null}}]}]})";
  ReadResult result = ReadMapped(
      "n,team,created,reply_h,solved\n"
      "1,a,02/03/2026 10:00,1.5,1772445600000\n"
      "2,b,02/03/2026 11:00,,\n3,c,yesterday,1,1772445600000\n"
      "4,d,,1,\n5,e,02/03/2026 10:00,soon,\n"
      "6,f,02/03/2026 10:00,99999999999,\n",
      kMapping);
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(
      result.events,
      ElementsAre(R"({"at":"2026-03-02T09:00:00Z","kind":"customer_message",)"
                  R"("interaction":"1","team":"a"})",
                  R"({"at":"2026-03-02T10:30:00Z","kind":"agent_message",)"
                  R"("interaction":"1","team":"a"})",
                  R"({"at":"2026-03-02T10:00:00Z","kind":"resolved",)"
                  R"("interaction":"1"})",
                  R"({"at":"2026-03-02T10:00:00Z","kind":"customer_message",)"
                  R"("interaction":"2","team":"b"})",
                  R"({"at":"2026-03-02T10:00:00Z","kind":"hold",)"
                  R"("interaction":"2","team":"b"})",
                  R"({"at":"2026-03-02T10:00:00Z","kind":"resolved",)"
                  R"("interaction":"3"})",
                  R"({"at":"2026-03-02T09:00:00Z","kind":"customer_message",)"
                  R"("interaction":"5","team":"e"})",
                  R"({"at":"2026-03-02T09:00:00Z","kind":"customer_message",)"
                  R"("interaction":"6","team":"f"})"));
  EXPECT_THAT(result.rows, ElementsAre(2, 2, 2, 3, 3, 4, 6, 7));
  EXPECT_THAT(
      result.refusals,
      ElementsAre("log: line 4: at: \"yesterday\" is not %d/%m/%Y %H:%M",
                  "log: line 4: at: \"yesterday\" is not %d/%m/%Y %H:%M",
                  "log: line 6: at: \"soon\" is not a number",
                  "log: line 7: at: \"99999999999\" leads to no usable "
                  "time"));
}

TEST(MappingTest, TheFirstActorOfAnInteractionHasTheRoleFirst) {
  ReadResult result = ReadMapped(
      "at,n,who\n1772442000000000,x,ana\n1772442000000001,x,ben\n"
      "1772442000000002,y,ben\n1772442000000003,x,ana\n"
      "1772442000000004,y,ana\n1772442000000005,x,\n",
      R"({"roles": {"interaction": "n", "actor": "who"},
          "fields": {"at": "at", "interaction": {"column": "n"},
                     "id": {"column": "@row", "prefix": "row "}},
          "rules": [{"when": {"@role": "first"}, "kind": "customer_message",
                     "fields": {"customer": "who"}},
                    {"when": {"@role": "other"}, "kind": "agent_message",
                     "fields": {"agent": "who"}}]})");
  ASSERT_TRUE(result.status.ok()) << result.status;
  std::string all;
  for (const std::string& event : result.events) all += event;
  EXPECT_THAT(Interactions(result), ElementsAre("x", "x", "y", "x", "y"));
  EXPECT_THAT(result.events[1], HasSubstr(R"("agent":"ben")"));
  EXPECT_THAT(result.events[2], HasSubstr(R"("customer":"ben")"));
  EXPECT_THAT(result.events[3], HasSubstr(R"("customer":"ana")"));
  EXPECT_THAT(result.events[4], HasSubstr(R"("agent":"ana")"));
  EXPECT_THAT(result.events[4], HasSubstr(R"("id":"row 6")"));
}

TEST(MappingTest, JsonColumnsAreDottedPaths) {
  ReadResult result = ReadMapped(
      R"({"t":1772442000.5,"a":{"id":1,"b.c":"dotted"},"l":[{"x":"ana"}],)"
      R"("e":[],"o":{"k":1},"f":true,"n":null})"
      "\n\n[]\n{\n"
      R"({"t":1772442000,"a":7})"
      "\n",
      R"({"time": {"format": "unix_s"},
          "fields": {"at": "t", "interaction": "a.id", "agent": "l.0.x",
                     "team": "a.b.c", "channel": "e", "source": "o",
                     "priority": "f", "reason": "l.1.x", "customer": "n"},
          "rules": [{"kind": "queued"}]})",
      EventFormat::kJsonLines);
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(
      result.events,
      ElementsAre(R"({"at":"2026-03-02T09:00:00.5Z","kind":"queued",)"
                  R"("interaction":"1","source":"{\"k\":1}",)"
                  R"("team":"dotted","agent":"ana","priority":"true"})"));
  EXPECT_THAT(result.refusals,
              ElementsAre("log: line 3: expected one JSON object on each line",
                          "log: line 4: is not JSON",
                          "log: line 5: interaction: missing"));
}

TEST(MappingTest, DamagedCsvRowsAreRefusedOneByOne) {
  ReadResult result = ReadMapped(
      "at,n\n1772442000000000,1\n1,2,3\n\"x\"y,1\n1772442000000000,2\n",
      R"({"fields": {"at": "at", "interaction": "n"},
          "rules": [{"kind": "queued"}]})");
  EXPECT_THAT(Interactions(result), ElementsAre("1", "2"));
  EXPECT_THAT(result.refusals,
              ElementsAre("log: line 3: has 3 fields, the header has 2",
                          "log: line 4: text after a closing quote"));
}

TEST(MappingTest, AColumnThatTheHeaderLacksIsFatal) {
  ReadResult result =
      ReadMapped("at,conversation\n",
                 R"({"fields": {"at": "at", "interaction": "conversatoin"},
                     "rules": [{"kind": "queued"}]})");
  EXPECT_EQ(result.status.message(),
            "log: line 1: no column \"conversatoin\"; the nearest is "
            "\"conversation\" (asked for by the mapping)");
  EXPECT_THAT(result.events, IsEmpty());
}

std::string Message(std::string_view json) {
  return std::string(ParseMapping(json).status().message());
}

// The error of a mapping with sound fields and the given further keys.
std::string Fault(std::string keys) {
  auto mapping = ParseMapping(
      R"({"fields": {"at": "at", "interaction": "n"}, )" + keys + "}");
  return std::string(mapping.status().message());
}

std::string FieldFault(std::string field) {
  return Fault(R"("rules": [{"kind": "queued", "fields": {)" + field + "}}]");
}

TEST(MappingErrorsTest, UnknownKeysAreNamedWithTheNearest) {
  EXPECT_EQ(Fault(R"("ruls": [])"),
            "ruls: unknown key; did you mean \"rules\"?");
  EXPECT_EQ(Fault(R"("rules": [{"kind": "hold"}, {"knd": "hold"}])"),
            "rules[1].knd: unknown key; did you mean \"kind\"?");
  EXPECT_EQ(FieldFault(R"("team": {"colum": "x"})"),
            "rules[0].fields.team.colum: unknown key; did you mean "
            "\"column\"?");
  EXPECT_EQ(FieldFault(R"("tem": "x")"),
            "rules[0].fields.tem: unknown field; did you mean \"team\"?");
  EXPECT_EQ(Fault(R"("input": {"formt": "csv"})"),
            "input.formt: unknown key; did you mean \"format\"?");
  EXPECT_EQ(
      Fault(R"("rules": [{"kind": "hold", "when": {"a": {"prefx": 1}}}])"),
      "rules[0].when.a.prefx: unknown key; did you mean \"prefix\"?");
  EXPECT_EQ(Fault(R"("rules": [{"events": [{"kid": "hold"}]}])"),
            "rules[0].events[0].kid: unknown key; did you mean \"kind\"?");
}

TEST(MappingErrorsTest, KindsFlagsAndFormatsAreChecked) {
  EXPECT_EQ(Fault(R"("rules": [{"kind": "custmer_message"}])"),
            "rules[0].kind: \"custmer_message\" is unknown; did you mean "
            "\"customer_message\"?");
  EXPECT_EQ(Fault(R"("rules": [{"kind": "hold", "flags": ["privat"]}])"),
            "rules[0].flags: \"privat\" is unknown");
  EXPECT_EQ(Fault(R"("time": {"format": "iso"})"),
            "time.format: \"iso\" is not rfc3339, unix_s, unix_ms, unix_us "
            "or a pattern");
  EXPECT_EQ(Fault(R"("time": {"zone": "Europe/Madird"})"),
            "time.zone: unknown time zone \"Europe/Madird\"");
  EXPECT_EQ(FieldFault(R"("at": {"column": "x", "format": "%H"})"),
            "rules[0].fields.at.format: \"%H\" must name year, month and "
            "day");
  EXPECT_EQ(FieldFault(R"("team": {"column": "x", "zone": "UTC"})"),
            "rules[0].fields.team.zone: is only for at and received_at");
  EXPECT_EQ(FieldFault(R"("at": {"column": "x", "plus": "y"})"),
            "rules[0].fields.at: \"plus\" and \"plus_unit\" belong together");
  EXPECT_EQ(
      FieldFault(R"("at": {"column": "x", "plus": "y", "plus_unit": "min"})"),
      "rules[0].fields.at.plus_unit: \"min\" is not us, ms, s, m, h or d");
  EXPECT_EQ(Fault(R"("input": {"format": "xml"})"),
            "input.format: \"xml\" is neither \"csv\" nor \"jsonl\"");
  EXPECT_EQ(Fault(R"("input": {"delimiter": "::"})"),
            "input.delimiter: must be a comma, a semicolon, a tab or a bar");
  EXPECT_EQ(Fault(R"("rules": [{"kind": "hold"}], "else": "ignore")"),
            "else: \"ignore\" is neither \"skip\" nor \"error\"");
  EXPECT_EQ(Fault(R"("rules": [{"fields": {"kind": {"column": "k",
                "values": {"a": "holt"}}}}])"),
            "rules[0].fields.kind.values.a: \"holt\" is unknown; did you mean "
            "\"hold\"?");
}

TEST(MappingErrorsTest, RulesMustBeWhole) {
  EXPECT_EQ(Fault(R"("rules": [])"), "rules: expected a list of rules");
  EXPECT_EQ(Fault(R"("rules": [{}])"), "rules[0]: kind: missing");
  EXPECT_EQ(Fault(R"("description": "no rules, no kind")"),
            "fields: kind: missing");
  EXPECT_EQ(FieldFault(R"("at": null)"), "rules[0]: no field gives \"at\"");
  EXPECT_EQ(FieldFault(R"("interaction": null)"),
            "rules[0]: no field gives \"interaction\"");
  EXPECT_EQ(Fault(R"("rules": [{"skip": true, "kind": "hold"}])"),
            "rules[0].kind: has no use beside \"skip\"");
  EXPECT_EQ(Fault(R"("rules": [{"skip": false}])"),
            "rules[0].skip: must be true");
  EXPECT_EQ(Fault(R"("rules": [{"kind": "hold", "events": [{}]}])"),
            "rules[0].kind: belongs to each of \"events\"");
  EXPECT_EQ(Fault(R"("rules": [{"events": []}])"),
            "rules[0].events: expected a list of events");
  EXPECT_EQ(Fault(R"("rules": [{"when": {"@role": "first"},
                                "kind": "hold"}])"),
            "rules[0].when.@role: @role needs \"roles\"");
  EXPECT_EQ(Fault(R"("rules": [{"kind": "hold",
                                "fields": {"team": "@thread"}}])"),
            "rules[0].fields.team: @thread needs \"threads\"");
  EXPECT_EQ(Fault(R"("roles": {"actor": "a"})"), "roles.interaction: missing");
}

TEST(MappingErrorsTest, ValuesHaveTheRightShape) {
  EXPECT_EQ(FieldFault(R"("team": 5)"),
            "rules[0].fields.team: expected a column's name or an object");
  EXPECT_EQ(FieldFault(R"("team": "")"),
            "rules[0].fields.team: a column's name is empty");
  EXPECT_EQ(FieldFault(R"("team": {})"),
            "rules[0].fields.team: needs exactly one of \"column\", "
            "\"first_of\", \"constant\"");
  EXPECT_EQ(FieldFault(R"("team": {"column": "a", "constant": "b"})"),
            "rules[0].fields.team: needs exactly one of \"column\", "
            "\"first_of\", \"constant\"");
  EXPECT_EQ(FieldFault(R"("team": {"first_of": []})"),
            "rules[0].fields.team.first_of: expected a list of columns");
  EXPECT_EQ(FieldFault(R"("team": {"constant": 1.5})"),
            "rules[0].fields.team.constant: expected text, an integer, true "
            "or false");
  EXPECT_EQ(FieldFault(R"("tags": "x")"),
            "rules[0].fields.tags: needs a name, as in \"tags.NAME\"");
  EXPECT_EQ(FieldFault(R"("team": {"column": "a", "optional": 1})"),
            "rules[0].fields.team.optional: expected true or false");
  EXPECT_EQ(Fault(R"("rules": [{"kind": "hold", "when": {"a": []}}])"),
            "rules[0].when.a: is empty");
  EXPECT_EQ(
      Fault(R"("rules": [{"kind": "hold", "when": {"a": {"empty": 1}}}])"),
      "rules[0].when.a.empty: expected true or false");
  EXPECT_EQ(Fault(R"("rules": [{"kind": "hold",
                          "when": {"a": {"not": {"not": "b"}}}}])"),
            "rules[0].when.a.not: \"not\" is there twice");
}

TEST(MappingErrorsTest, BrokenJsonSaysWhere) {
  EXPECT_EQ(Message("{\"fields\":\n  {\"at\": }}"),
            "line 2, column 10: is not JSON");
  EXPECT_EQ(Message("{\"fields\": {},\n \"fields\": {}}"),
            "line 2, column 9: the key \"fields\" is there twice");
  EXPECT_FALSE(ParseMapping("").ok());
  EXPECT_FALSE(ParseMapping("[]").ok());
  EXPECT_FALSE(ParseMapping(std::string(100000, '[')).ok());
  auto missing = LoadMapping("/nowhere/x.mapping.json");
  EXPECT_EQ(missing.status().message(),
            "/nowhere/x.mapping.json: cannot be opened");
}

}  // namespace
}  // namespace cckpi
