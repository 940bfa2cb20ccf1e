// What planted bugs were caught by; written by `tools/mutants --save` from docs/mutants.json.
#include "sim/cli/planted_bugs.hpp"

namespace kraftsim::cli {
namespace {

constexpr PlantedBug kPlantedBugs[] = {
    {"01_hw_without_own_epoch", "Assertion"},
    {"02_hw_at_epoch_start", "Assertion"},
    {"03_hw_wrong_majority", "CommittedIsDurable"},
    {"04_hw_before_truncation", "Assertion"},
    {"05_hw_not_capped", "Assertion"},
    {"07_hw_not_propagated", "FetchWakesOnCommit"},
    {"10_vote_not_persisted", "VoteOnce"},
    {"11_vote_said_before_written", "VoteOnce"},
    {"12_epoch_without_vote", "VoteOnce"},
    {"13_vote_forgotten_after_pre_vote", "VoteNotForgotten"},
    {"14_vote_forgotten_by_follower", "VoteNotForgotten"},
    {"15_votes_twice", "VoteOnce"},
    {"16_log_check_by_offset", "VoteNeedsUpToDateLog"},
    {"17_log_check_by_epoch", "VoteNeedsUpToDateLog"},
    {"19_log_check_at_high_watermark", "VoteNeedsUpToDateLog"},
    {"20_stale_vote_response", "StaleResponseIgnored"},
    {"21_votes_counted_twice", "CandidacyNeedsPreVotes"},
    {"22_minority_elects", "LegalTransitions"},
    {"23_leader_ignores_larger_epoch", "HigherEpochHeeded"},
    {"24_lower_epoch_ignored", "HigherEpochHeeded"},
    {"31_pre_vote_persisted", "PreVoteChangesNothing"},
    {"32_live_follower_grants_pre_vote", "LiveFollowerDeniesPreVote"},
    {"34_pre_vote_skipped", "Assertion"},
    {"40_no_check_quorum", "CheckQuorum"},
    {"41_check_quorum_counts_observers", "CheckQuorum"},
    {"43_restart_as_leader", "RestartNeverLeads"},
    {"44_ex_leader_restarts_unattached", "VoteNotForgotten"},
    {"45_resigned_stays_in_epoch", "Assertion"},
    {"46_leader_announced_too_early", "Assertion"},
    {"47_purgatory_kept_on_resign", "FetchWakesOnCommit"},
    {"48_leader_change_at_zero", "Assertion"},
    {"52_timer_of_no_use", "Assertion"},
    {"53_observer_stands", "Assertion"},
    {"60_follower_fetches_before_fsync", "FetchAcknowledgesOnlyDurable"},
    {"61_single_voter_commits_before_fsync", "CommittedIsDurable"},
    {"62_leader_does_not_sync", "CommittedIsDurable"},
    {"63_truncate_to_high_watermark", "CommittedNeverTruncated"},
    {"64_truncate_to_leaders_end", "Assertion"},
    {"65_epoch_index_not_truncated", "EpochIndexMatchesLog"},
    {"66_divergence_not_checked", "StateMachineSafety"},
    {"67_two_fetches_in_flight", "OneFetchInFlight"},
    {"68_old_fetch_response", "Assertion"},
    {"69_truncation_not_written", "Assertion"},
    {"70_unverified_acknowledgement", "CommittedIsDurable"},
    {"80_controller_outlives_its_leadership", "ActiveControllerLeads"},
    {"81_acknowledged_before_commit", "AcknowledgedIsCommitted"},
};

}  // namespace

std::span<const PlantedBug> planted_bugs() { return kPlantedBugs; }

}  // namespace kraftsim::cli
