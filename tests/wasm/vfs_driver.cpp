// A module for the tests of the VFS: raw SQL over any VFS, nothing of the store.
// Thread rule: one thread.
// Next: vfs.test.mjs, which drives it.
#include <emscripten/bind.h>
#include <sqlite3.h>

#include <memory>
#include <string>

namespace {

class Connection {
 public:
  // Returns SQLite's extended code. An empty `vfs` is the default one.
  int open(const std::string& path, const std::string& vfs) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(
        path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE,
        vfs.empty() ? nullptr : vfs.c_str());
    handle_.reset(handle);
    return code;
  }

  // Runs all statements; `rows` then holds each value on its own line.
  int run(const std::string& sql) {
    rows_.clear();
    return sqlite3_exec(handle_.get(), sql.c_str(), append_row, &rows_, nullptr);
  }

  // Runs `count` transactions of one row each, as an application with awaited writes does.
  int insert_rows(const std::string& sql, int count) {
    sqlite3_stmt* raw = nullptr;
    int code = sqlite3_prepare_v2(handle_.get(), sql.c_str(), -1, &raw, nullptr);
    const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(raw,
                                                                               sqlite3_finalize);
    for (int i = 0; i < count && code == SQLITE_OK; ++i) {
      sqlite3_bind_int(raw, 1, i);
      code = sqlite3_step(raw) == SQLITE_DONE ? SQLITE_OK : sqlite3_extended_errcode(handle_.get());
      sqlite3_reset(raw);
    }
    return code;
  }

  [[nodiscard]] std::string rows() const { return rows_; }
  [[nodiscard]] std::string message() const { return sqlite3_errmsg(handle_.get()); }

  // SQLITE_OK, or why it could not close.
  int close() { return sqlite3_close(handle_.release()); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };

  static int append_row(void* rows, int columns, char** values, char**) {
    for (int i = 0; i < columns; ++i) {
      static_cast<std::string*>(rows)->append(values[i] == nullptr ? "NULL" : values[i]) += '\n';
    }
    return 0;
  }

  std::unique_ptr<sqlite3, Close> handle_;
  std::string rows_;
};

}  // namespace

EMSCRIPTEN_BINDINGS(vfs_driver) {
  emscripten::class_<Connection>("Connection")
      .constructor<>()
      .function("open", &Connection::open)
      .function("run", &Connection::run)
      .function("insertRows", &Connection::insert_rows)
      .function("rows", &Connection::rows)
      .function("message", &Connection::message)
      .function("close", &Connection::close);
}
