// Drawing the progress line. Nothing is printed in the first seconds: a short command should look as if there were no
// such thing.
#include "sim/cli/progress.hpp"

#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>

namespace kraftsim::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 2s;
constexpr auto kLivePeriod = 100ms;
constexpr auto kPlainPeriod = 30s;

}  // namespace

Progress::Progress(std::string what, std::uint64_t total, bool silent)
    : what_(std::move(what)),
      total_(total),
      silent_(silent),
      live_(isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      next_(start_ + (live_ ? Clock::duration(kPatience) : Clock::duration(kPlainPeriod))) {}

Progress::~Progress() {
  if (drawn_ && live_) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(std::uint64_t done, const std::string& note) {
  if (silent_) return;
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + (live_ ? Clock::duration(kLivePeriod) : Clock::duration(kPlainPeriod));
  drawn_ = true;
  const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(now - start_).count();
  std::string text = fmt::format("{} of {} {}, {} s", done, total_, what_, elapsed);
  if (done > 0 && done < total_) {
    const double rest = static_cast<double>(elapsed) * static_cast<double>(total_ - done) / static_cast<double>(done);
    text += fmt::format(", about {:.0f} s to go", rest);
  }
  if (!note.empty()) text += ", " + note;
  std::fputs((live_ ? "\r" + text + "\x1b[K" : text + "\n").c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace kraftsim::cli
