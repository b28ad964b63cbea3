"""Which tests hold each fault that the product must survive: one that is renamed or taken away is missed here, not in the field."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
#: The number of the fault: its tests, as file::test.
ROWS = {
    1: ["faults/test_01_sending.py::test_two_senders_killed_anywhere"],
    2: [
        "faults/test_02_reply.py::test_killed_between_data_and_its_reply",
        "faults/test_02_reply.py::test_killed_twice_there_it_stops_and_shows",
        "faults/test_02_reply.py::test_a_reply_that_is_never_read_twenty_times",
        "faults/test_02_reply.py::test_a_reply_that_comes_too_late_once_is_resent_with_the_same_id",
        "faults/test_02_reply.py::test_with_hold_a_killed_sender_is_not_repeated",
    ],
    3: [
        "faults/test_03_refusals.py::test_refusals_and_one_bad_address_of_a_hundred",
        "faults/test_03_refusals.py::test_a_temporary_refusal_that_ends_is_delivered_with_the_same_bytes",
    ],
    4: [
        "faults/test_04_broker.py::test_whatever_the_broker_does",
        "faults/test_04_broker.py::test_a_nudge_never_fails_and_never_waits_long",
        "workers/test_processes.py::test_processes_on_redis_that_loses_every_message",
    ],
    5: ["faults/test_05_killed.py::test_the_process_groups_are_killed_ten_times"],
    6: [
        "faults/test_06_poison.py::test_what_ends_its_worker_three_times_is_left_alone",
        "faults/test_06_poison.py::test_a_worker_that_dies_of_it_three_times_leaves_it_alone",
    ],
    7: ["faults/test_07_hostile_feeds.py::test_hostile_feeds_beside_good_ones"],
    8: [
        "sources/http/test_addresses.py::test_public_spellings_are_allowed",
        "sources/http/test_client.py::test_every_refused_spelling_is_refused_directly_and_as_a_redirect",
    ],
    9: [
        "browser/test_reviewing.py::test_hostile_words_run_nothing",
        "browser/test_subscribers.py::test_hostile_words_in_every_field_run_nothing_and_break_nothing",
        "browser/test_tuning.py::test_hostile_words_in_every_field_run_nothing",
        "mail/test_digest_mail.py::test_exactly_one_recipient",
        "mail/test_headers.py::test_every_subject_makes_lawful_headers",
    ],
    10: ["faults/test_10_scanners.py::test_every_url_of_a_mail_changes_nothing_until_it_is_posted"],
    11: [
        "faults/test_11_clocks.py::test_two_years_in_every_zone_have_one_digest_for_each_local_date",
        "faults/test_11_clocks.py::test_round_each_change_of_clocks_each_date_has_one_digest_and_each_mention_one",
    ],
    12: [
        "faults/test_12_database.py::test_a_lock_that_is_held",
        "faults/test_12_database.py::test_a_disk_that_is_full",
        "cli/test_house.py::test_a_lock_that_is_held_is_waited_for_then_told",
        "cli/test_house.py::test_a_read_only_home",
        "storage/test_faults.py::test_a_full_disk_is_told_and_nothing_is_half_written",
    ],
    13: ["storage/test_search.py::test_no_search_fails_however_it_is_written"],
    14: ["core/drift/test_linear.py::test_no_phrase_takes_long_anywhere"],
    15: [
        "library/test_rules.py::test_an_alias_bomb_is_refused_before_it_grows",
        "library/test_study_template.py::test_a_megabyte_is_refused_with_a_sentence",
    ],
    16: [
        "export/test_rows.py::test_a_formula_is_text",
        "export/test_rows.py::test_a_formula_behind_what_parts_cells_elsewhere_is_text",
    ],
    17: [
        "faults/test_29_restore.py::test_on_an_empty_machine",
        "storage/test_backup.py::test_a_backup_is_whole_while_others_write",
        "storage/test_backup.py::test_a_backup_restored_elsewhere_is_the_same_without_secrets_and_mails_nothing",
        "storage/test_backup.py::test_a_restore_keeps_what_was_withdrawn_who_left_and_what_was_sent",
    ],
    18: ["storage/test_faults.py::test_a_migration_killed_at_twenty_places_is_whole_in_the_end"],
    19: [
        "storage/items/test_withdraw.py::test_no_byte_is_left_in_database_log_or_index",
        "cli/test_mentions.py::test_a_withdrawn_post_is_in_no_byte_of_the_home",
    ],
    20: ["faults/test_20_composing.py::test_it_is_shown_everywhere_and_mailed_when_mended"],
    21: [
        "pipeline/test_feed_cases.py::test_one_field_of_eight_megabytes_costs_no_other_item",
        "sources/feeds/test_parse.py::test_one_field_of_eight_megabytes",
        "sources/feeds/test_json.py::test_one_field_of_eight_megabytes_in_a_json_feed",
    ],
    22: ["faults/test_22_requests.py::test_it_is_answered_and_nobody_waits"],
    23: ["test_regexes.py::test_twice_the_text_costs_twice_the_time"],
    24: [
        "core/drift/test_linear.py::test_twice_the_text_costs_twice",
        "core/drift/test_linear.py::test_a_hostile_text_costs_at_most_three_honest_ones",
    ],
    25: [
        "web/test_doors.py::test_what_a_proxy_handed_on_never_gets_the_local_mode",
        "web/test_doors.py::test_http_1_0_is_a_proxy_that_says_nothing",
    ],
    26: [
        "web/test_doors.py::test_a_sign_in_link_works_once",
        "web/test_doors.py::test_the_cookie_is_no_link_and_the_link_no_cookie",
        "web/test_doors.py::test_an_ended_session_is_out",
        "web/test_doors.py::test_a_post_of_another_sites_page_is_refused",
    ],
    27: ["faults/test_27_walls.py::test_the_page_says_it_and_the_digest_tells_no_correction"],
    28: [
        "faults/test_28_servers.py::test_workers_whose_clocks_are_apart",
        "faults/test_28_servers.py::test_postgresql_restarted_in_mid_digest",
        "faults/test_28_networks.py::test_every_fault_on_every_line",
    ],
    29: [
        "faults/test_29_restore.py::test_on_an_empty_machine",
        "cli/test_restore.py::test_the_next_digest_on_an_empty_machine_is_the_same_byte_for_byte",
    ],
}


def test_every_fault_has_its_row():
    assert sorted(ROWS) == list(range(1, 30))


@pytest.mark.parametrize("number", ROWS)
def test_the_tests_of_a_fault_are_there(number):
    missing = [name for name in ROWS[number] if name.partition("::")[2] not in _tests_of(name.partition("::")[0])]
    assert ROWS[number]
    assert missing == []


def test_a_file_of_a_fault_is_named_by_its_number():
    """And is in its row."""
    numbered = {path.name: int(path.name.split("_")[1]) for path in Path(__file__).parent.glob("test_[0-9]*.py")}
    for name, number in numbered.items():
        assert any(held.startswith(f"faults/{name}::") for held in ROWS[number]), name


def _tests_of(path):
    file = TESTS / path
    if not file.exists():
        return set()
    return {node.name for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)}
