// The acts, and what JVMs were seen to do to processes.
#include "sim/scenario/fault_fields.hpp"

#include <chrono>

namespace kraftsim::scenario {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Field victim() {
  return {.name = "node", .kind = Kind::kTarget, .shape = Shape::kOneOrList, .required = true,
          .what = "Whom it strikes."};
}
Field length(bool required) {
  return {.name = "for", .kind = Kind::kSpan, .required = required,
          .what = required ? "For how long." : "For how long; by default to the end."};
}
Field restart_after() {
  return {.name = "restart_after", .kind = Kind::kSpan, .what = "Starts it again so long after; by default never."};
}
Field targets(std::string_view name, bool required, std::string_view what) {
  return {.name = name, .kind = Kind::kTarget, .shape = Shape::kOneOrList, .required = required, .what = what};
}
Field both() {
  return {.name = "both", .kind = Kind::kBoolean, .fallback = "false", .what = "The other way as well."};
}
Field share(std::string_view name, std::string_view what) {
  return {.name = name, .kind = Kind::kFraction, .what = what};
}

std::vector<ObjectType> process_faults() {
  std::vector<std::string_view> collectors;
  for (const GcPauses& pauses : gc_pauses()) collectors.push_back(pauses.name);
  return {
      {.name = "pause",
       .what = "A process stands still and comes back as if nothing had been.",
       .fields = {victim(), length(false),
                  {.name = "gc", .kind = Kind::kChoice, .choices = collectors,
                   .what = "Drawn from the pauses of a garbage collector: g1_6gb (a broker's healthy heap), g1_128gb, "
                           "zgc, full_1gb (a full collection), mixture (g1_6gb, with one in a hundred three times as "
                           "long and one in a thousand a full collection)."}},
       .one_of = {{"for", "gc"}}},
      {.name = "crash",
       .what = "A process dies without a word.",
       .fields = {victim(), restart_after(),
                  {.name = "machine", .kind = Kind::kBoolean, .fallback = "false",
                   .what = "The machine dies with it: peers get no reset."},
                  {.name = "wipe", .kind = Kind::kBoolean, .fallback = "false",
                   .what = "It comes back on an empty disk (kraft only)."},
                  {.name = "unsynced", .kind = Kind::kChoice, .choices = {"lost", "kept", "torn", "random"},
                   .fallback = "lost",
                   .what = "What becomes of writes that were not synced, the one in flight included: all lost, all "
                           "kept, the last one torn, or each kept by chance (kraft only)."},
                  {.name = "subset", .kind = Kind::kInteger, .max = 4'294'967'295,
                   .what = "For \"random\": the bits that tell which are kept, the lowest first; by default drawn."}}},
      {.name = "stop", .what = "A process is asked to stop.", .fields = {victim(), restart_after()}},
      {.name = "start", .what = "A process is started.", .fields = {victim()}},
      {.name = "slow_cpu",
       .what = "Whatever a node does takes longer: a neighbour has the processor.",
       .fields = {victim(),
                  {.name = "percent", .kind = Kind::kInteger, .required = true, .min = 1, .max = 100'000,
                   .what = "Of the time that work takes by itself: 200 is half as fast."},
                  length(true)}},
      {.name = "clock",
       .what = "A machine's clock goes wrong. Under KRaft timers run on the wall clock: set forward, they are all due; "
               "set back, they stand still until it has caught up. ZooKeeper's run on a steady one, which can only "
               "drift.",
       .fields = {victim(),
                  {.name = "forward", .kind = Kind::kDuration, .min = 1, .what = "It is set forward."},
                  {.name = "back", .kind = Kind::kDuration, .min = 1, .what = "It is set back."},
                  {.name = "drift_ppm", .kind = Kind::kInteger, .min = -500'000, .max = 500'000,
                   .what = "It gains so many microseconds a second, or loses them."},
                  length(false)},
       .one_of = {{"forward", "back", "drift_ppm"}}},
  };
}

std::vector<ObjectType> network_faults() {
  return {
      {.name = "partition",
       .what = "The network falls apart.",
       .fields = {{.name = "groups", .kind = Kind::kTarget, .shape = Shape::kListOfLists,
                   .what = "Two or more that cannot reach each other; \"*\" is every node not named in another; who is "
                           "in none reaches all."},
                  {.name = "links", .kind = Kind::kTarget, .shape = Shape::kListOfLists,
                   .what = "Pairs of nodes that cannot reach each other."},
                  targets("isolate", false, "These on one side, everybody else on the other."),
                  targets("bridge", false, "Two halves of the coordinators, drawn, and these between them."),
                  targets("majorities_ring", false,
                          "In a circle, drawn, each of these reaches so many neighbours that it sees a majority, no "
                          "two the same; it takes four or more."),
                  targets("random", false, "Each of these falls to one of two sides."),
                  length(false)},
       .one_of = {{"groups", "links", "isolate", "bridge", "majorities_ring", "random"}}},
      {.name = "cut",
       .what = "One direction, or both, between two sets of nodes.",
       .fields = {targets("from", true, "Whose messages are lost."), targets("to", true, "Whom they do not reach."),
                  both(), length(false)}},
      {.name = "flaky",
       .what = "A cut that comes and goes.",
       .fields = {targets("from", true, "Whose messages are lost."), targets("to", true, "Whom they do not reach."),
                  both(),
                  {.name = "down", .kind = Kind::kDuration, .required = true, .min = 1, .what = "Cut for so long."},
                  {.name = "up", .kind = Kind::kDuration, .required = true, .min = 1,
                   .what = "Then whole for so long."},
                  length(false)}},
      {.name = "bad_link",
       .what = "Links that work badly: what is stated comes on top of their own. TCP makes delay of it: a process sees "
               "nothing lost, twice or out of order.",
       .fields = {targets("from", true, "Whose messages suffer."), targets("to", true, "On their way to whom."), both(),
                  {.name = "latency", .kind = Kind::kLatency, .what = "Extra, one way, per message."},
                  {.name = "bandwidth", .kind = Kind::kRate, .what = "Per direction of a link."},
                  share("loss", "Of segments, those of connection attempts included; below 1."),
                  share("duplicate", "Of segments that arrive twice."),
                  share("reorder", "Of segments that later ones overtake."),
                  {.name = "connect", .kind = Kind::kLatency,
                   .what = "Extra, until an attempt to connect is answered."},
                  {.name = "unreachable", .kind = Kind::kBoolean, .fallback = "false",
                   .what = "Attempts to connect get no answer; connections that stand live on."},
                  length(false)}},
  };
}

std::vector<ObjectType> disk_faults() {
  const Field offsets{.name = "offsets", .kind = Kind::kInteger, .shape = Shape::kList,
                      .what = "Record offsets in the batches that are damaged; by default drawn."};
  return {
      {.name = "slow_disk",
       .what = "A disk is slow: what is stated comes on top of what the disk takes by itself.",
       .fields = {victim(),
                  {.name = "write", .kind = Kind::kLatency, .what = "Handing one write to the kernel."},
                  {.name = "fsync", .kind = Kind::kLatency, .what = "One fsync."},
                  {.name = "bandwidth", .kind = Kind::kRate, .what = "None: no limit."},
                  length(true)}},
      {.name = "stall_disk", .what = "A disk completes nothing.", .fields = {victim(), length(true)}},
      {.name = "fail_disk",
       .what = "A disk answers with an error. Who is refused a write dies of it; who cannot read its disk does not "
               "start. Whoever is down when it is over is started.",
       .fields = {victim(),
                  {.name = "error", .kind = Kind::kChoice, .choices = {"full", "eio_write", "eio_fsync", "eio_read"},
                   .required = true, .what = "What it refuses."},
                  length(false)}},
      {.name = "lying_fsync",
       .what = "A disk reports as synced what it only caches: a power failure takes what was written meanwhile (kraft "
               "only).",
       .fields = {victim(), length(false)}},
      {.name = "bit_rot",
       .what = "A batch of the metadata log is damaged on the disk; the next start cuts the log there (kraft only).",
       .fields = {victim(), offsets}},
      {.name = "lost_write",
       .what = "A write that the disk reported as done, by default the last, never got there (kraft only).",
       .fields = {victim(), offsets}},
      {.name = "misdirected_write",
       .what = "A write, by default the last, went to the place of another batch: both are damaged (kraft only).",
       .fields = {victim(), offsets}},
  };
}

}  // namespace

std::vector<GcPauses> gc_pauses() {
  using engine::Quantiles;
  return {
      // Kafka's documentation, LinkedIn: G1, 6 GB heap, p90 21 ms; the shape is a guess (lognormal, sigma 0.68).
      {"g1_6gb", "G1, 6 GB heap",
       Quantiles::from_points({{500'000, milliseconds(9)}, {900'000, milliseconds(21)}, {990'000, milliseconds(44)},
                               {999'000, milliseconds(74)}})},
      // JEP 333, SPECjbb with a heap of 128 GB.
      {"g1_128gb", "G1, 128 GB heap",
       Quantiles::from_points({{500'000, milliseconds(143)}, {950'000, microseconds(316'700)},
                               {990'000, microseconds(428'100)}, {1'000'000, microseconds(543'800)}})},
      {"zgc", "ZGC, 128 GB heap",
       Quantiles::from_points({{500'000, microseconds(1'090)}, {950'000, microseconds(1'380)},
                               {990'000, microseconds(1'510)}, {1'000'000, microseconds(1'680)}})},
      // CMS's fallback: 8 to 10 s per GB of heap (Lipcon, Cloudera 2011).
      {"full_1gb", "a full collection of 1 GB", Quantiles::uniform(seconds(8), seconds(10))},
      // A model, not a measurement.
      {"mixture", "all of these",
       Quantiles::from_points({{500'000, milliseconds(9)}, {900'000, milliseconds(21)}, {990'000, milliseconds(44)},
                               {999'000, milliseconds(220)}, {999'001, seconds(8)}, {1'000'000, seconds(10)}})},
  };
}

std::vector<ObjectType> fault_objects() {
  ObjectType fault{.name = "fault", .what = "An act and its times.", .fields = {
      {.name = "at", .kind = Kind::kDuration, .what = "When, before the run's end."},
      {.name = "between", .kind = Kind::kDurationRange, .what = "When, drawn from this range."},
      {.name = "every", .kind = Kind::kSpan, .what = "Strikes again, this long after the last time."},
      {.name = "times", .kind = Kind::kInteger, .min = 1, .max = 1'000'000,
       .what = "How many times in all; by default until `until`."},
      {.name = "until", .kind = Kind::kDuration, .min = 1,
       .what = "By then it is over: nothing strikes any more, and what still lasts is cut short."},
  }};
  std::vector<ObjectType> types{fault};
  std::vector<std::string_view> acts;
  for (auto family : {process_faults(), network_faults(), disk_faults()}) {
    for (ObjectType& type : family) {
      acts.push_back(type.name);
      types.front().fields.push_back({.name = type.name, .kind = Kind::kObject, .of = type.name, .what = type.what});
      types.push_back(std::move(type));
    }
  }
  types.front().one_of = {{"at", "between"}, acts};
  return types;
}

}  // namespace kraftsim::scenario
