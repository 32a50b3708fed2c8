#include "workspace/readers.h"

#include "config/server_limits.h"
#include "workspace/open_storage.h"

namespace twinstore {

Readers::Readers() : queue_(limits::read_queue_jobs_max, limits::push_queue_bytes_max) {}

Readers::~Readers() { stop(); }

Result<std::unique_ptr<Readers>> Readers::open(const Schema& schema,
                                               const DatabaseLocation& location,
                                               const FeedIdentity& identity, size_t count) {
  std::unique_ptr<Readers> readers(new Readers());
  for (size_t i = 0; i < count; ++i) {
    View view;
    TWINSTORE_TRY(view.storage, open_storage(schema, location, true));
    view.feed = std::make_unique<ChangeFeed>(schema, *view.storage, identity);
    readers->views_.push_back(std::move(view));
  }
  for (View& view : readers->views_) {
    readers->threads_.emplace_back([raw = readers.get(), &feed = *view.feed] { raw->work(feed); });
  }
  return readers;
}

bool Readers::run(FeedTask task) { return queue_.put(task); }

void Readers::stop() {
  queue_.close();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Readers::work(ChangeFeed& feed) {
  while (const auto task = queue_.take_one()) (*task)(feed);
}

}  // namespace twinstore
