// The coins are thrown so that most runs have a little of this and few have much: what is rare in a data centre too
// would otherwise hide what is common.
#include "sim/scenario/draw_rare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/dice.hpp"
#include "sim/scenario/drawn_faults.hpp"

namespace kraftsim::scenario {
namespace {

using kraft::Duration;
using std::chrono::milliseconds;

class RareDrawing {
 public:
  RareDrawing(std::uint64_t seed, Duration tempo, Duration length, Document& document)
      : seed_(seed), tempo_(tempo), length_(length), document_(document), faults_(document, length) {
    const Document& cluster = document["cluster"];
    voters_ = cluster["controllers"]["count"].get<std::int64_t>();
    observers_ = cluster["controllers"].value("observers", std::int64_t{0});
    brokers_ = cluster["brokers"]["count"].get<std::int64_t>();
  }

  void draw() {
    strikes("swarm groups", 1, 12, &RareDrawing::group);
    strikes("swarm absences", 1, 12, &RareDrawing::absence);
    strikes("swarm shapes", 1, 10, &RareDrawing::shape);
    strikes("swarm links", 1, 12, &RareDrawing::crowded_link);
    strikes("swarm slow disks", 1, 16, &RareDrawing::slow_disk);
    strikes("swarm collections", 1, 12, &RareDrawing::collection);
    if (has_small_snapshots()) strikes("swarm parts", 1, 2, &RareDrawing::parts_lost);
    if (observers_ > 0) strikes("swarm observers", 1, 3, &RareDrawing::observer);
    if (brokers_ > 0) strikes("swarm broker disks", 1, 8, &RareDrawing::broker_disk);
    rivals(Dice(seed_, "swarm rivals"));
    snapshots_by_time(Dice(seed_, "swarm snapshot times"));
    differences(Dice(seed_, "swarm differences"));
  }

 private:
  using Strike = void (RareDrawing::*)(Dice&, Duration);

  /// A few strikes of one family, if its coin says so.
  void strikes(std::string_view stream, std::uint64_t of, std::uint64_t all, Strike strike) {
    Dice dice(seed_, stream);
    if (!dice.chance(of, all)) return;
    for (std::int64_t left = dice.weighted<std::int64_t>({{1, 3}, {2, 2}, {5, 1}}); left > 0; --left) {
      const Duration at = dice.in_ms(Duration(0), length_);
      (this->*strike)(dice, at);
    }
  }
  std::string a_while(Dice& dice) const { return duration_value(dice.in_ms(tempo_ / 10, tempo_ * 4)); }
  std::string a_controller(Dice& dice) const { return fmt::format("controller:{}", dice.one_to(voters_ + observers_)); }
  std::string a_broker(Dice& dice) const { return fmt::format("broker:{}", dice.one_to(brokers_)); }
  std::string somebody(Dice& dice) const {
    return brokers_ > 0 && dice.chance(1, 4) ? a_broker(dice) : a_controller(dice);
  }

  /// Many at once.
  void group(Dice& dice, Duration at) {
    const char* who = dice.weighted<const char*>(
        {{"majority", 3}, {"minority", 3}, {"coordinators", 2}, {"*", 1}, {brokers_ > 0 ? "brokers" : "majority", 1}});
    Document what{{"node", who}};
    switch (dice.rng().below(4)) {
      case 0: what["for"] = a_while(dice); return faults_.add(at, "pause", std::move(what));
      case 1: what["restart_after"] = a_while(dice); return faults_.add(at, "stop", std::move(what));
      default: break;
    }
    what["restart_after"] = a_while(dice);
    what["machine"] = dice.chance(1, 2);
    what["unsynced"] = dice.weighted<const char*>({{"lost", 2}, {"kept", 1}, {"torn", 1}, {"random", 2}});
    faults_.add(at, "crash", std::move(what));
  }

  /// Gone until somebody starts it, or for good.
  void absence(Dice& dice, Duration at) {
    const std::string node = somebody(dice);
    faults_.add(at, dice.chance(1, 4) ? "stop" : "crash", {{"node", node}});
    if (dice.chance(2, 3)) faults_.add(at + dice.in_ms(milliseconds(1), tempo_ * 4), "start", {{"node", node}});
  }

  /// Partitions by their pairs of nodes, or with somebody in between.
  void shape(Dice& dice, Duration at) {
    Document what{{"for", a_while(dice)}};
    if (voters_ >= 3 && dice.chance(1, 2)) {
      what["bridge"] = dice.chance(1, 3) ? std::string("coordinator:leader") : a_controller(dice);
    } else if (voters_ >= 2 && dice.chance(2, 3)) {
      Document links = Document::array();
      for (std::int64_t left = dice.one_to(voters_); left > 0; --left) {
        const std::int64_t one = dice.one_to(voters_);
        const std::int64_t other = 1 + (one - 1 + dice.one_to(voters_ - 1)) % voters_;
        links.push_back({fmt::format("controller:{}", one), fmt::format("controller:{}", other)});
      }
      what["links"] = std::move(links);
    } else {
      what["isolate"] = {dice.chance(1, 2) ? std::string("minority") : somebody(dice)};
    }
    faults_.add(at, "partition", std::move(what));
  }

  [[nodiscard]] bool has_small_snapshots() const {
    return document_["cluster"]["controllers"]["config"].contains("controller.quorum.fetch.snapshot.max.bytes");
  }
  /// Who comes back so far behind that it takes a snapshot gets its parts slowly, and some not at all, or when it has
  /// given its leader up.
  void parts_lost(Dice& dice, Duration at) {
    const bool is_broker = brokers_ > 0 && dice.chance(1, 2);
    const std::string node = is_broker ? a_broker(dice) : a_controller(dice);
    const Duration back = tempo_ * dice.one_to(3);
    faults_.add(at, "crash", {{"node", node}, {"wipe", is_broker}, {"restart_after", duration_value(back)}});
    const Duration longest = dice.chance(1, 2) ? tempo_ / 8 : tempo_ * 2;
    Document slow{{"from", {"coordinator:leader"}}, {"to", {node}}};
    slow["for"] = duration_value(tempo_ * dice.one_to(6));
    Document flaky = slow;
    slow["latency"] = duration_value(dice.in_ms(milliseconds(1), longest));
    flaky["down"] = a_while(dice);
    flaky["up"] = duration_value(dice.in_ms(tempo_ / 10, tempo_));
    faults_.add(at + back, "bad_link", std::move(slow));
    faults_.add(at + back, "flaky", std::move(flaky));
  }

  /// Too narrow for its load, or full of segments that come twice or late.
  void crowded_link(Dice& dice, Duration at) {
    Document what{{"from", {somebody(dice)}}, {"to", {"*"}}, {"both", dice.chance(1, 2)}, {"for", a_while(dice)}};
    if (dice.chance(1, 2)) what["bandwidth"] = dice.weighted<const char*>({{"100kbit/s", 1}, {"1Mbit/s", 2}});
    if (dice.chance(1, 2)) what["duplicate"] = 0.25;
    if (dice.chance(1, 2) || what.size() == 4) what["reorder"] = 0.25;
    faults_.add(at, "bad_link", std::move(what));
  }

  void slow_disk(Dice& dice, Duration at) {
    Document what{{"node", somebody(dice)}, {"for", a_while(dice)}};
    if (dice.chance(1, 2)) {
      what["write"] = duration_value(dice.in_ms(milliseconds(1), std::max<Duration>(tempo_ / 10, milliseconds(1))));
    } else {
      what["bandwidth"] = dice.weighted<const char*>({{"100kbit/s", 1}, {"10Mbit/s", 2}});
    }
    faults_.add(at, "slow_disk", std::move(what));
  }

  void collection(Dice& dice, Duration at) {
    const char* gc = dice.weighted<const char*>(
        {{"g1_6gb", 1}, {"g1_128gb", 3}, {"zgc", 1}, {"full_1gb", 1}, {"mixture", 2}});
    faults_.add(at, "pause", {{"node", somebody(dice)}, {"gc", gc}});
  }

  /// Controllers that do not vote, or not yet: struck by number, as roles do not reach them.
  void observer(Dice& dice, Duration at) {
    const std::string node = fmt::format("controller:{}", voters_ + dice.one_to(observers_));
    switch (dice.rng().below(3)) {
      case 0:
        return faults_.add(at, "crash", {{"node", node}, {"restart_after", a_while(dice)}, {"unsynced", "random"}});
      case 1: return faults_.add(at, "pause", {{"node", node}, {"for", a_while(dice)}});
      default: return faults_.add(at, "cut", {{"from", {node}}, {"to", {"*"}}, {"both", true}, {"for", a_while(dice)}});
    }
  }

  /// Nobody counts on a broker's copy of the metadata: it may lose it in any way.
  void broker_disk(Dice& dice, Duration at) {
    const std::string node = a_broker(dice);
    const Duration dies = at + dice.in_ms(Duration(0), tempo_);
    const std::string restart_after = a_while(dice);
    faults_.break_disk(
        dice, {.node = node, .at = at, .lies_for = tempo_ * 2, .dies = dies, .restart_after = restart_after});
  }

  /// Who was too late hears of what may never be committed, unless the controller waits with its answer.
  void rivals(Dice dice) {
    if (!document_.contains("workload") || !dice.chance(1, 3)) return;
    for (Document& load : document_["workload"]) {
      if (load.contains("create_topics")) load["create_topics"]["rivals"] = dice.one_to(2);
    }
  }

  /// Kafka's hour and week do not pass in a run of seconds.
  void snapshots_by_time(Dice dice) {
    if (!dice.chance(1, 6)) return;
    const std::int64_t fetch = tempo_ / milliseconds(1);
    const std::int64_t interval = fetch * dice.weighted<std::int64_t>({{1, 1}, {3, 2}});
    const std::int64_t retention = fetch * dice.weighted<std::int64_t>({{2, 1}, {6, 2}});
    for (const char* role : {"controllers", "brokers"}) {
      Document& config = document_["cluster"][role]["config"];
      config["metadata.log.max.snapshot.interval.ms"] = interval;
      config["metadata.max.retention.ms"] = retention;
      config["metadata.log.clean.interval.ms"] = fetch;
    }
  }

  /// One node has a configuration of its own, or a clock that is wrong from the start.
  void differences(Dice dice) {
    if (!dice.chance(1, 8)) return;
    const std::int64_t fetch = tempo_ / milliseconds(1);
    const std::string node = a_controller(dice);
    Document what = Document::object();
    if (dice.chance(1, 2)) {
      what["config"] = {{"controller.quorum.fetch.timeout.ms", fetch * dice.weighted<std::int64_t>({{1, 1}, {2, 1}})},
                        {"controller.quorum.retry.backoff.ms", dice.weighted<std::int64_t>({{5, 1}, {200, 1}})}};
    } else {
      what["clock"] = {{"ahead", duration_value(dice.in_ms(Duration(0), tempo_ * 10))},
                       {"drift_ppm", dice.weighted<std::int64_t>({{0, 1}, {1'000, 1}, {-1'000, 1}})}};
    }
    document_["cluster"]["nodes"][node] = std::move(what);
  }

  std::uint64_t seed_;
  Duration tempo_;
  Duration length_;
  Document& document_;
  DrawnFaults faults_;
  std::int64_t voters_ = 0;
  std::int64_t observers_ = 0;
  std::int64_t brokers_ = 0;
};

}  // namespace

void draw_rare(std::uint64_t seed, Duration tempo, Duration length, Document& document) {
  RareDrawing(seed, tempo, length, document).draw();
}

}  // namespace kraftsim::scenario
