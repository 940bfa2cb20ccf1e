// Sweeps for `sweep` and `compare`. The progress line counts ended runs and violated ones; whoever asks whether to go
// on also draws it, so that no thread is needed for it.
#include "sim/cli/many.hpp"

#include <atomic>
#include <thread>

#include <fmt/format.h>

#include "sim/cli/interrupt.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/seed.hpp"

namespace kraftsim::cli {
namespace {

namespace po = boost::program_options;

constexpr int kMostJobs = 1024;

}  // namespace

void add_sweep_options(Options& options) {
  options.add_options()
      ("seeds", po::value<Seeds>()->default_value(Seeds{{1, 100}}, "1-100")->value_name("A-B"), "both ends included")
      ("jobs,j", po::value<int>()->default_value(0, "all cores")->value_name("N"),
       "runs at a time; the result does not depend on it")
      ("samples", po::bool_switch(), "with every single sample (json, csv)");
  add_run_options(options);
}

int jobs(const Arguments& arguments) {
  const int given = arguments["jobs"].as<int>();
  if (given < 0 || given > kMostJobs) {
    throw UsageError(fmt::format("--jobs {}: from 1 to {}, or 0 for all cores", given, kMostJobs));
  }
  return given > 0 ? given : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

scenario::SeedRange seeds(const Arguments& arguments) { return arguments["seeds"].as<Seeds>().range; }

scenario::SweepResult sweep_all(const scenario::Scenario& scenario, const Arguments& arguments, bool fail_fast) {
  watch_for_interrupt();
  Progress progress("runs", seeds(arguments).count() * scenario.coordination.size(), flag(arguments, "quiet"));
  std::atomic<std::uint64_t> done = 0;
  std::atomic<std::uint64_t> violated = 0;
  const auto show = [&] { progress.update(done, violated > 0 ? fmt::format("{} violated", violated) : ""); };
  scenario::SweepOptions options;
  options.shuffle_ties = flag(arguments, "shuffle-ties");
  options.fail_fast = fail_fast;
  options.keep_going = [&] {
    show();
    return !interrupted();
  };
  return scenario::sweep(scenario, seeds(arguments), jobs(arguments), options, [&](const scenario::RunResult& run) {
    ++done;
    if (run.verdict == scenario::Verdict::kViolated) ++violated;
  });
}

report::SweepFacts facts(const Arguments& arguments, bool interrupted) {
  return {.seeds = seeds(arguments), .interrupted = interrupted, .samples = flag(arguments, "samples")};
}

}  // namespace kraftsim::cli
