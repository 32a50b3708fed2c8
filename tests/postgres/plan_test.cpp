// The plans of PostgreSQL, by what EXPLAIN ANALYZE says of each node.
#include <nlohmann/json.hpp>

#include "../services/plan_suite.h"
#include "native_world.h"
#include "node.h"
#include "storage_postgres/selection_query.h"
#include "storage_postgres/session.h"

namespace twinstore::test {
namespace {

constexpr int64_t rows_free = 500;  // looked at and not wanted

struct PostgresPlanEngine {
  std::string url = Cluster::shared().create_database();
  std::unique_ptr<Storage> storage;
  postgres::Session session{{url, PostgresOptions{}.workspace}};

  explicit PostgresPlanEngine(const Schema& schema)
      : storage(open_postgres(schema, postgres_options(url))) {}

  // As the server's autovacuum does within a minute of so many rows.
  void rows_are_there() { psql(url, "ANALYZE"); }

  std::string wrong_plan(const Collection& collection, const Selection& selection, bool is_count) {
    const postgres::SelectionQuery query =
        postgres::selection_query(collection, selection, session.workspace());
    std::string sql = (is_count ? query.count : query.select).sql;
    sql = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + sql.substr(sql.find("SELECT"));
    const auto explained = session.run({"explain." + std::to_string(++asked_), sql},
                                       is_count ? query.count_parameters : query.select_parameters);
    if (!explained.ok()) return explained.error().message + ": " + sql;
    const auto plan = nlohmann::json::parse(explained.value().text(0, 0))[0]["Plan"];
    std::string out;
    Looked looked;
    look_at(plan, out, looked);
    const int64_t wanted = is_count ? looked.found : plan["Actual Rows"].get<int64_t>();
    const int64_t unwanted = looked.found + looked.removed - wanted;
    if (unwanted > rows_free + wanted) out += std::to_string(unwanted) + " rows not wanted; ";
    return out.empty() ? out : out + sql + "\n" + plan.dump(1);
  }

 private:
  struct Looked {
    int64_t found = 0;
    int64_t removed = 0;
  };
  // An incremental sort is of the rows that stand at one place of an index: they are counted.
  static void look_at(const nlohmann::json& node, std::string& out, Looked& looked) {
    const std::string type = node["Node Type"];
    for (const char* bad : {"Seq Scan", "Sort", "Bitmap Heap Scan"}) {
      if (type == bad) out += type + "; ";
    }
    const int64_t loops = node["Actual Loops"].get<int64_t>();
    if (type.starts_with("Index")) looked.found += node["Actual Rows"].get<int64_t>() * loops;
    for (const char* name : {"Rows Removed by Filter", "Rows Removed by Index Recheck"}) {
      if (node.contains(name)) looked.removed += node[name].get<int64_t>() * loops;
    }
    if (!node.contains("Plans")) return;
    for (const auto& inner : node["Plans"]) look_at(inner, out, looked);
  }
  int asked_ = 0;
};

}  // namespace

TEST_CASE_TEMPLATE_INVOKE(plans_use_indexes, PostgresPlanEngine);

}  // namespace twinstore::test
