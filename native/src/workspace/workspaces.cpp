#include "workspace/workspaces.h"

#include <algorithm>

#include "base/log.h"

namespace twinstore {
namespace {

const Error too_many{ErrorCode::Unavailable,
                     "the server has as many workspaces in use as it can; try again"};

}  // namespace

Result<std::unique_ptr<Workspaces>> Workspaces::open(Setup setup) {
  std::unique_ptr<Workspaces> workspaces(new Workspaces(std::move(setup)));
  const std::string& name = workspaces->setup_.location.workspace;
  TWINSTORE_TRY(workspaces->entries_[name].workspace, workspaces->open_one(name));
  workspaces->opener_ = std::thread([raw = workspaces.get()] {
    while (const auto next = raw->to_open_.take_one()) raw->open_and_tell(*next);
  });
  return workspaces;
}

Workspaces::Workspaces(Setup setup)
    : setup_(std::move(setup)), to_open_(limits::workspaces_opening_max, SIZE_MAX) {}

Workspaces::~Workspaces() { stop(); }

void Workspaces::use(const std::string& name, Ready ready) {
  WorkspaceUse use;
  {
    const std::scoped_lock lock(mutex_);
    const auto [at, is_new] = entries_.try_emplace(name);
    Entry& entry = at->second;
    if (entry.workspace) {
      use = use_now(name, entry);
    } else {
      std::string asked = name;
      if (!is_new || to_open_.put(asked)) return entry.waiting.push_back(std::move(ready));
      entries_.erase(at);
    }
  }
  if (!use) return ready(too_many);
  ready(std::move(use));
}

WorkspaceUse Workspaces::use_now(const std::string& name, Entry& entry) {
  ++entry.uses;
  entry.used_at = ++uses_;
  return {entry.workspace.get(), [this, name](Workspace*) {
            const std::scoped_lock lock(mutex_);
            --entries_.at(name).uses;
          }};
}

void Workspaces::open_and_tell(const std::string& name) {
  auto opened = open_one(name);
  if (!opened.ok()) {
    log_warn("a workspace cannot be opened",
             {{"workspace", name}, {"detail", opened.error().message}});
  }
  std::vector<std::pair<Ready, WorkspaceUse>> told;
  {
    const std::scoped_lock lock(mutex_);
    Entry& entry = entries_.at(name);
    if (opened.ok()) entry.workspace = std::move(opened).value();
    for (Ready& ready : std::exchange(entry.waiting, {})) {
      told.emplace_back(std::move(ready), entry.workspace ? use_now(name, entry) : nullptr);
    }
    if (!entry.workspace) entries_.erase(name);
  }
  for (auto& [ready, use] : told) {
    if (use) {
      ready(std::move(use));
    } else {
      ready(opened.error());
    }
  }
}

Result<std::unique_ptr<Workspace>> Workspaces::open_one(const std::string& name) {
  TWINSTORE_TRY_VOID(make_room());
  return Workspace::open(setup_.schema, setup_.location.in(name), setup_.clock, setup_.ids,
                         setup_.deliver, setup_.metrics, setup_.refresh);
}

size_t Workspaces::open_count() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<size_t>(std::ranges::count_if(
      entries_, [](const auto& entry) { return entry.second.workspace != nullptr; }));
}

// Closes until there is room for one more. What lives in memory would be lost, so it is not closed.
Result<void> Workspaces::make_room() {
  for (;;) {
    std::unique_ptr<Workspace> closing;
    {
      const std::scoped_lock lock(mutex_);
      size_t open = 0;
      auto oldest = entries_.end();
      for (auto at = entries_.begin(); at != entries_.end(); ++at) {
        if (!at->second.workspace) continue;
        ++open;
        const bool is_older =
            oldest == entries_.end() || at->second.used_at < oldest->second.used_at;
        if (at->second.uses == 0 && is_older) oldest = at;
      }
      if (open < setup_.open_max) return {};
      if (oldest == entries_.end() || setup_.location.is_memory()) return too_many;
      closing = std::move(oldest->second.workspace);
      entries_.erase(oldest);
    }
    closing->stop();
  }
}

void Workspaces::stop() {
  to_open_.close();
  if (opener_.joinable()) opener_.join();
  std::vector<Workspace*> open;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [name, entry] : entries_) {
      if (entry.workspace) open.push_back(entry.workspace.get());
    }
  }
  // Their last tasks still let go of what they hold, which takes the lock.
  for (Workspace* workspace : open) workspace->stop();
}

}  // namespace twinstore
