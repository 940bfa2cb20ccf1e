// Transcripts: stories told as commands and what came of them (tests/transcripts/<area>/*.txt). A test re-tells each
// story and compares. KRAFTSIM_REWRITE=1 writes down what happens instead: read the diff, commit only what you
// understand.
//
// A file is paragraphs: comments (#), command lines, a line of four dashes, the output, an empty line. Commands:
//   cluster voters=3 [observers=1] [pre_vote=off] [linger=0s] [seed=1]   afresh; what follows acts on it
//   log none|brief|full      what steps print: nothing; notices; notices, writes and messages
//   win node=1               it is elected and nobody hears of it: only votes are delivered
//   elect node=1             the same, and then everything is delivered
//   append node=1 [records=1]    expire node=1 (its next deadline comes)    tick (those that are due)
//   deliver [to=1] [from=2] [kind=Vote]    all that match, until none does
//   drop [to=1] [from=2] [kind=Vote]       all that match
//   run for=2s    settle     the clock runs and all is delivered at once; settle: until all agree
//   cut node=1    cut from=1 to=2    heal
//   hold node=1   release node=1     its disk
//   crash node=1  start node=1   resign node=1   shutdown node=1 within=5s
//   state         flight             every replica in a line; the messages under way
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/core/raft/raft_cluster.hpp"
#include "tests/support/throwing_checks.hpp"

namespace kraft::raft::testing {
namespace {

using namespace std::chrono_literals;

Duration parse_duration(const std::string& text) {
  std::size_t digits = 0;
  const double value = std::stod(text, &digits);
  const std::string unit = text.substr(digits);
  const double ns = unit == "s" ? 1e9 : unit == "ms" ? 1e6 : throw std::invalid_argument("a time: " + text);
  return Duration(static_cast<std::int64_t>(value * ns));
}

/// Correlation ids say nothing to a reader.
std::string without_ids(std::string text) {
  for (std::size_t at = text.find(" #"); at != std::string::npos; at = text.find(" #", at)) {
    text.erase(at, text.find_first_not_of("0123456789", at + 2) - at);
  }
  return text;
}

class Interpreter {
 public:
  std::string run(const std::string& command) {
    out_.str("");
    std::istringstream words(command);
    words >> verb_;
    arguments_.clear();
    for (std::string word; words >> word;) {
      const auto equals = word.find('=');
      arguments_[equals == std::string::npos ? "" : word.substr(0, equals)] =
          equals == std::string::npos ? word : word.substr(equals + 1);
    }
    execute();
    const std::string said = out_.str();
    return said.empty() ? "ok\n" : said;
  }

 private:
  [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise = {}) const {
    const auto found = arguments_.find(name);
    return found == arguments_.end() ? otherwise : found->second;
  }
  [[nodiscard]] int number(const std::string& name, int otherwise = 0) const {
    const std::string value = text(name);
    return value.empty() ? otherwise : std::stoi(value);
  }
  [[nodiscard]] int node() const { return number("node"); }

  void execute() {
    if (verb_ == "cluster") return make_cluster();
    if (verb_ == "log") return void(log_ = text(""));
    if (verb_ == "win") return cluster_->win(node());
    if (verb_ == "elect") return cluster_->elect(node());
    if (verb_ == "append") return cluster_->append(node(), number("records", 1));
    if (verb_ == "expire") return cluster_->expire(node());
    if (verb_ == "tick") return cluster_->tick_due();
    if (verb_ == "deliver" || verb_ == "drop") return move_messages();
    if (verb_ == "run") return cluster_->run(parse_duration(text("for")));
    if (verb_ == "settle") return settle();
    if (verb_ == "cut") return cut();
    if (verb_ == "heal") return cluster_->heal();
    if (verb_ == "hold") return cluster_->hold_disk(node());
    if (verb_ == "release") return cluster_->release_disk(node());
    if (verb_ == "crash") return cluster_->crash(node());
    if (verb_ == "start") return cluster_->start(node());
    if (verb_ == "resign") return cluster_->input(node(), Resign{.epoch = cluster_->at(node()).epoch()});
    if (verb_ == "shutdown") return cluster_->input(node(), Shutdown{.timeout = parse_duration(text("within"))});
    if (verb_ == "state") return print_state();
    if (verb_ == "flight") return print_flight();
    throw std::invalid_argument("no such command: " + verb_);
  }

  void make_cluster() {
    RaftCluster::Options options;
    options.voters = number("voters");
    options.observers = number("observers");
    options.seed = static_cast<std::uint64_t>(number("seed", 1));
    options.config.append_linger = parse_duration(text("linger", "0s"));
    options.config.election.pre_vote = text("pre_vote", "on") == "on";
    cluster_ = std::make_unique<RaftCluster>(options);
    cluster_->on_step = [this](NodeId id, const Input&, const Effects& effects) { print_step(id, effects); };
  }

  void print_step(NodeId id, const Effects& effects) {
    Effects shown = effects;
    if (log_ == "none") return;
    if (log_ == "brief") {
      shown.sends.clear();
      shown.persist.reset();
    }
    std::string said = without_ids(line(shown));
    said.erase(said.rfind("wake "));
    if (said.empty()) return;
    said.erase(said.rfind("; "));
    out_ << line(cluster_->now()) << " " << line(id) << ": " << said << "\n";
  }

  [[nodiscard]] bool matches(const Message& message) const {
    const std::string kind = text("kind");
    return (number("to") == 0 || message.to == NodeId(number("to"))) &&
           (number("from") == 0 || message.from == NodeId(number("from"))) &&
           (kind.empty() || line(message).find(" " + kind + " ") != std::string::npos);
  }
  void move_messages() {
    for (std::size_t i = 0; i < cluster_->in_flight().size();) {
      if (!matches(cluster_->in_flight()[i].message)) {
        ++i;
      } else if (verb_ == "drop") {
        cluster_->drop(i);
      } else {
        cluster_->deliver(i);
        i = 0;
      }
    }
  }
  void settle() {
    if (!cluster_->run_until([this] { return cluster_->is_settled(); })) out_ << "never\n";
  }
  void cut() {
    if (node() != 0) return cluster_->isolate(node());
    cluster_->cut(number("from"), number("to"));
  }
  void print_state() {
    for (const NodeId id : cluster_->ids()) {
      if (cluster_->is_up(id.value())) {
        out_ << line(cluster_->at(id.value())) << "\n";
      } else {
        const Durable& disk = cluster_->disk(id.value());
        out_ << "n" << line(id) << " down, disk " << line(disk.quorum_state) << " end=" << line(disk.log.end_offset())
             << "\n";
      }
    }
  }
  void print_flight() {
    for (const auto& f : cluster_->in_flight()) out_ << without_ids(line(f.message)) << "\n";
  }

  std::unique_ptr<RaftCluster> cluster_;
  std::string log_ = "brief";
  std::string verb_;
  std::map<std::string, std::string> arguments_;
  std::ostringstream out_;
};

/// The story as it is now told.
std::string retell(const std::string& story) {
  Interpreter interpreter;
  std::istringstream lines(story);
  std::string told;
  std::string said;
  bool in_output = false;
  for (std::string line; std::getline(lines, line);) {
    if (in_output) {
      in_output = !line.empty();
      if (!in_output) told += "\n";
    } else if (line == "----") {
      told += "----\n" + said;
      said.clear();
      in_output = true;
    } else {
      told += line + "\n";
      if (line.empty() || line.front() == '#') continue;
      const std::string output = interpreter.run(line);
      // Several commands may share an output; those that say nothing then go without an "ok".
      if (output != "ok\n" || said.empty()) said = (said == "ok\n" ? "" : said) + output;
    }
  }
  return told;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("transcripts") {
  const ::kraft::testing::ThrowingChecks guard;
  int stories = 0;
  for (const char* area : {"election", "partition", "replication", "restart"}) {
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path("tests/transcripts") / area)) {
      if (entry.path().extension() != ".txt") continue;
      ++stories;
      CAPTURE(entry.path().string());
      const std::string expected = read_file(entry.path());
      const std::string actual = retell(expected);
      if (std::getenv("KRAFTSIM_REWRITE") != nullptr) {
        std::ofstream(entry.path()) << actual;
      } else {
        CHECK(actual == expected);
      }
    }
  }
  CHECK(stories >= 10);
}

}  // namespace kraft::raft::testing
