#include "base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <ctime>

namespace twinstore {
namespace {

constexpr size_t read_bytes = 64u << 10;
constexpr size_t error_bytes_kept = 4u << 10;
constexpr int killed_exit_base = 128;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    close();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Error no_room() { return {ErrorCode::Unavailable, "the system has no room for another process"}; }

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return no_room();
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

void set_nonblocking(const Descriptor& file) {
  fcntl(file.fd(), F_SETFL, fcntl(file.fd(), F_GETFL) | O_NONBLOCK);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

// The running program. Its process group is its own, so that what it started is killed with it.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (process_ <= 0) return;
    kill_group();
    wait();
  }

  Result<void> start(const ChildCommand& command) {
    TWINSTORE_TRY(Pipe in, make_pipe());
    TWINSTORE_TRY(Pipe out, make_pipe());
    TWINSTORE_TRY(Pipe err, make_pipe());
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.read.fd(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.write.fd(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.write.fd(), STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    const std::string folder = command.folder.empty() ? "/" : command.folder;
    posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int failure =
        posix_spawn(&process_, command.argv.front().c_str(), &actions, &attributes,
                    pointers(command.argv).data(), pointers(command.environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failure != 0) {
      process_ = -1;
      return start_error(failure, command.argv.front());
    }
    ended = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process_, 0)));
    input = std::move(in.write);
    output = std::move(out.read);
    errors = std::move(err.read);
    for (const Descriptor* file : {&input, &output, &errors}) set_nonblocking(*file);
    if (!ended.is_open()) return no_room();
    return {};
  }

  void kill_group() const { ::kill(-process_, SIGKILL); }

  int wait() {
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : killed_exit_base + WTERMSIG(status);
  }

  Descriptor ended;
  Descriptor input;
  Descriptor output;
  Descriptor errors;

 private:
  static Error start_error(int failure, const std::string& program) {
    if (failure == ENOENT || failure == ENOTDIR) {
      return {ErrorCode::NotFound, "there is no program " + program + ", or no folder for it"};
    }
    if (failure == EACCES || failure == ENOEXEC) {
      return {ErrorCode::Forbidden, program + " is no program that may be run"};
    }
    return no_room();
  }
  pid_t process_ = -1;
};

// What there is to read now; closes the file at its end. False: it is more than `bytes_max` by now.
bool drain(Descriptor& file, std::string& into, size_t bytes_max) {
  std::array<char, read_bytes> buffer;
  while (file.is_open()) {
    const ssize_t read = ::read(file.fd(), buffer.data(), buffer.size());
    if (read < 0 && errno == EINTR) continue;
    if (read < 0 && errno == EAGAIN) return true;
    if (read <= 0) {
      file.close();
      return true;
    }
    into.append(buffer.data(), static_cast<size_t>(read));
    if (into.size() > bytes_max) return false;
  }
  return true;
}

void drain_errors(Descriptor& file, std::string& kept) {
  while (!drain(file, kept, error_bytes_kept)) kept.erase(0, kept.size() - error_bytes_kept);
}

// While it lives, writing into a pipe that nobody reads is an error of that write alone, whatever
// the process does with SIGPIPE otherwise.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;
  ~NoPipeSignal() {
    // The signal of a write goes to the thread that wrote: it waits here, if it came.
    const timespec at_once{};
    if (sigismember(&before_, SIGPIPE) == 0) sigtimedwait(&pipe_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_;
  sigset_t before_;
};

// A program that does not read its input is no failure of ours.
void feed(Descriptor& file, std::string_view& left) {
  while (file.is_open() && !left.empty()) {
    const ssize_t written = ::write(file.fd(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return;
    if (written < 0) break;
    left.remove_prefix(static_cast<size_t>(written));
  }
  file.close();
}

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  const size_t line = text.rfind('\n');
  return std::string(line == std::string_view::npos ? text : text.substr(line + 1));
}

int poll_ms(const CallBounds& bounds) {
  if (bounds.deadline == std::chrono::steady_clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(bounds.deadline -
                                                                 std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, INT_MAX));
}

}  // namespace

Result<ChildResult> run_child(const ChildCommand& command, const CallBounds& bounds) {
  const Descriptor stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop.is_open()) return no_room();
  const NoPipeSignal no_pipe_signal;
  const std::stop_callback on_stop(bounds.stop, [&] { eventfd_write(stop.fd(), 1); });
  Child child;
  TWINSTORE_TRY_VOID(child.start(command));
  ChildResult result;
  std::string errors;
  std::string_view input = command.input;
  for (bool has_ended = false; !has_ended;) {
    std::array<pollfd, 5> waited{{{child.ended.fd(), POLLIN, 0},
                                  {stop.fd(), POLLIN, 0},
                                  {child.input.fd(), POLLOUT, 0},
                                  {child.output.fd(), POLLIN, 0},
                                  {child.errors.fd(), POLLIN, 0}}};
    if (poll(waited.data(), waited.size(), poll_ms(bounds)) < 0 && errno != EINTR) {
      return no_room();
    }
    // Before the output is drained: what was written before the end is there to be read.
    has_ended = (waited[0].revents & POLLIN) != 0;
    if (!has_ended && bounds.is_over()) {
      return Error{ErrorCode::Unavailable, bounds.stop.stop_requested()
                                               ? "the command was stopped"
                                               : "the command took longer than it may"};
    }
    feed(child.input, input);
    drain_errors(child.errors, errors);
    if (!drain(child.output, result.output, command.output_bytes_max)) {
      return Error{ErrorCode::BodyTooLarge, "the command writes more than it may"};
    }
  }
  child.kill_group();  // what it left behind
  result.exit_code = child.wait();
  result.last_line = last_line(errors);
  return result;
}

}  // namespace twinstore
