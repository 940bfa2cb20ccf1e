// Progress on stderr, for whatever takes longer than two seconds: a live line at 10 Hz on a terminal, a plain line
// every 30 s elsewhere. stdout stays the result's alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace kraftsim::cli {

class Progress {
 public:
  /// `what` names the unit: "runs". A silent one never prints.
  Progress(std::string what, std::uint64_t total, bool silent);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Wipes the live line.
  ~Progress();

  /// Any thread may call it, as often as it likes. `note` is shown at the end of the line.
  void update(std::uint64_t done, const std::string& note = {});

 private:
  using Clock = std::chrono::steady_clock;

  std::string what_;
  std::uint64_t total_;
  bool silent_;
  bool live_;
  bool drawn_ = false;
  std::mutex mutex_;
  Clock::time_point start_;
  Clock::time_point next_;
};

}  // namespace kraftsim::cli
