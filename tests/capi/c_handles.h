// Handles of the C interface that end themselves, for tests.

#ifndef CCKPI_TESTS_CAPI_C_HANDLES_H_
#define CCKPI_TESTS_CAPI_C_HANDLES_H_

#include <cckpi.h>

#include <memory>
#include <string>
#include <string_view>

namespace cckpi::capi {

struct Destroyer {
  void operator()(cckpi_error* x) const { cckpi_error_destroy(x); }
  void operator()(cckpi_buffer* x) const { cckpi_buffer_destroy(x); }
  void operator()(cckpi_config* x) const { cckpi_config_destroy(x); }
  void operator()(cckpi_mapping* x) const { cckpi_mapping_destroy(x); }
  void operator()(cckpi_dictionary* x) const { cckpi_dictionary_destroy(x); }
  void operator()(cckpi_engine* x) const { cckpi_engine_destroy(x); }
  void operator()(cckpi_table* x) const { cckpi_table_destroy(x); }
};
template <typename Handle>
using Owned = std::unique_ptr<Handle, Destroyer>;

// For an `out_` parameter: receives the handle and owns it.
template <typename Handle>
class Out {
 public:
  explicit Out(Owned<Handle>* owner) : owner_(owner) {}
  ~Out() {
    if (made_ != nullptr) owner_->reset(made_);
  }
  operator Handle**() { return &made_; }  // NOLINT: like the pointer itself

 private:
  Owned<Handle>* owner_;
  Handle* made_ = nullptr;
};
template <typename Handle>
Out<Handle> OutTo(Owned<Handle>& owner) {
  return Out<Handle>(&owner);
}

inline cckpi_text Text(std::string_view text) {
  return {text.data(), text.size()};
}

inline Owned<cckpi_config> MakeConfig(std::string_view json) {
  Owned<cckpi_config> config;
  cckpi_config_create(json.data(), json.size(), OutTo(config), nullptr);
  return config;
}

inline Owned<cckpi_engine> MakeEngine(const cckpi_config* config = nullptr) {
  Owned<cckpi_engine> engine;
  cckpi_engine_create(config, nullptr, OutTo(engine), nullptr);
  return engine;
}

inline Owned<cckpi_table> Ask(const cckpi_engine* engine,
                              const cckpi_query* query = nullptr) {
  Owned<cckpi_table> table;
  cckpi_engine_query(engine, query, OutTo(table), nullptr);
  return table;
}

inline std::string Rendered(const cckpi_table* table,
                            cckpi_render_format format = CCKPI_RENDER_JSON) {
  Owned<cckpi_buffer> buffer;
  const cckpi_code code =
      cckpi_table_render(table, format, OutTo(buffer), nullptr);
  if (code != CCKPI_OK) return cckpi_code_name(code);
  return std::string(cckpi_buffer_data(buffer.get()),
                     cckpi_buffer_size(buffer.get()));
}

inline size_t ColumnOf(const cckpi_table* table, std::string_view name) {
  return cckpi_table_column_index(table, name.data(), name.size());
}

inline std::string TextOf(const cckpi_table* table, std::string_view column,
                          size_t row) {
  size_t size = 0;
  const char* text =
      cckpi_table_text(table, ColumnOf(table, column), row, &size);
  return text == nullptr ? "(null)" : std::string(text, size);
}

inline int64_t IntegerOf(const cckpi_table* table, std::string_view column,
                         size_t row) {
  return cckpi_table_int64(table, ColumnOf(table, column), row);
}

// "INVALID_ARGUMENT columns.at_us 0: columns.at_us: is NULL"
inline std::string ErrorOf(cckpi_error* error) {
  const Owned<cckpi_error> owned(error);
  if (error == nullptr) return "OK";
  return std::string(cckpi_code_name(cckpi_error_code(error))) + " " +
         cckpi_error_path(error, nullptr) + " " +
         std::to_string(cckpi_error_row(error)) + ": " +
         cckpi_error_message(error, nullptr);
}

}  // namespace cckpi::capi

#endif  // CCKPI_TESTS_CAPI_C_HANDLES_H_
