// Threads take run numbers from one counter in ascending order; each result is kept under its number. That order is
// what makes fail_fast exact: when a run is violated, every run before it has begun, so its result will come.
#include "sim/scenario/sweep.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "core/base/check.hpp"

namespace kraftsim::scenario {
namespace {

class Pool {
 public:
  Pool(const Scenario& scenario, SeedRange seeds, const SweepOptions& options,
       const std::function<void(const RunResult&)>& on_result)
      : scenario_(scenario), seeds_(seeds), options_(options), on_result_(on_result) {
    ENSURE_LE(seeds.first, seeds.last);
    ENSURE_LT(seeds.last - seeds.first, kMostSeeds);
    planned_ = seeds.count() * scenario.coordination.size();
    end_ = planned_;
  }

  SweepResult work(int jobs) {
    {
      std::vector<std::jthread> threads;
      for (int i = 1; i < jobs; ++i) threads.emplace_back([this] { drain(); });
      drain();
    }
    if (error_) std::rethrow_exception(error_);
    SweepResult result;
    result.planned = planned_;
    result.interrupted = interrupted_;
    for (auto& [number, run] : results_) {
      if (number < end_) result.runs.push_back(std::move(run));
    }
    return result;
  }

 private:
  static constexpr std::uint64_t kMostSeeds = 100'000'000;

  /// Runs numbers until there are no more. Nothing may leave a thread but through `error_`.
  void drain() {
    try {
      while (keep_going()) {
        const std::size_t number = next_++;
        if (number >= end_) return;
        perform(number);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      end_ = 0;
    }
  }

  void perform(std::size_t number) {
    const std::size_t coordinations = scenario_.coordination.size();
    bool stopped = false;
    RunOptions options;
    options.shuffle_ties = options_.shuffle_ties;
    options.keep_going = [this, &stopped](std::uint64_t, Time) {
      stopped = stopped || !keep_going();
      return !stopped;
    };
    RunResult result = run(scenario_, scenario_.coordination[number % coordinations],
                           seeds_.first + number / coordinations, options);
    if (stopped) return;

    const std::lock_guard lock(mutex_);
    if (options_.fail_fast && result.verdict == Verdict::kViolated) {
      end_ = std::min<std::size_t>(end_, (number / coordinations + 1) * coordinations);
    }
    const RunResult& kept = results_.emplace(number, std::move(result)).first->second;
    if (on_result_) on_result_(kept);
  }

  bool keep_going() {
    if (!interrupted_ && options_.keep_going && !options_.keep_going()) interrupted_ = true;
    return !interrupted_;
  }

  const Scenario& scenario_;
  SeedRange seeds_;
  const SweepOptions& options_;
  const std::function<void(const RunResult&)>& on_result_;
  std::size_t planned_ = 0;
  std::map<std::size_t, RunResult> results_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> end_ = 0;  // numbers from here on are not wanted
  std::atomic<bool> interrupted_ = false;
  std::mutex mutex_;  // of results_, error_ and the caller's callback
  std::exception_ptr error_;
};

}  // namespace

SweepResult sweep(const Scenario& scenario, SeedRange seeds, int jobs, const SweepOptions& options,
                  const std::function<void(const RunResult&)>& on_result) {
  return Pool(scenario, seeds, options, on_result).work(jobs);
}

}  // namespace kraftsim::scenario
