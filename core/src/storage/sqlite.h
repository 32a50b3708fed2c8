// SQLite's C handles inside types that own them; nothing else in Twinstore holds one.
// Thread rule: a Database and its Statements belong to one thread at a time.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "twinstore/record.h"
#include "twinstore/result.h"

namespace twinstore {

// StorageBusy, StorageFull, StorageIo, StorageCorrupt, Unavailable (no memory) or Sql, by SQLite's
// result code.
[[nodiscard]] Error sqlite_error(int code, std::string_view message);

class Statement {
 public:
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  // Prepared with its first use, whose step() reports what is wrong with it.
  Statement(sqlite3* database, std::string sql) : database_(database), sql_(std::move(sql)) {}

  // So that its first run needs no memory to be prepared. Errors: as sqlite_error.
  [[nodiscard]] Result<void> prepare();
  void bind(int index, std::string_view text);
  void bind(int index, int64_t number);
  void bind(int index, const Value& value);
  void bind_null(int index);

  // True when there is a row. Errors: as sqlite_error.
  [[nodiscard]] Result<bool> step();
  // Runs to the end and resets.
  [[nodiscard]] Result<void> run();
  // Makes it ready to be bound and stepped again.
  void reset();

  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] int64_t integer(int column) const;
  [[nodiscard]] Value value(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] sqlite3_stmt* handle() const { return handle_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  sqlite3_stmt* ready();
  void note_bound(int code);

  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  sqlite3* database_ = nullptr;  // until it is prepared
  std::string sql_;
  Result<void> prepared_{};
  Result<void> bound_{};
};

// Resets a statement when the caller is done with its rows.
class StatementUse {
 public:
  explicit StatementUse(Statement& statement) : statement_(statement) {}
  StatementUse(const StatementUse&) = delete;
  StatementUse& operator=(const StatementUse&) = delete;
  ~StatementUse() { statement_.reset(); }

 private:
  Statement& statement_;
};

class Database {
 public:
  // `vfs` is the name of a registered VFS, or empty for the default one.
  [[nodiscard]] static Result<Database> open(const std::string& path, const std::string& vfs,
                                             bool is_read_only);

  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  // A statement of this library's own, to be prepared when it is needed: opening is faster.
  [[nodiscard]] Statement later(std::string sql) { return {handle_.get(), std::move(sql)}; }
  // Runs statements that return nothing of interest.
  [[nodiscard]] Result<void> run(std::string_view sql);
  // The first column of the first row, as text.
  [[nodiscard]] Result<std::string> single_text(std::string_view sql);
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}
  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace twinstore
