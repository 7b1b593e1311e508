package org.cairn.app

import android.content.res.Resources
import org.cairn.logic.Line
import org.cairn.logic.Word

/** The app's words in the language of these resources. */
class Words(private val resources: Resources) {
    fun say(word: Word): String = say(Line(word))

    fun say(line: Line): String {
        val places = line.places.map { if (it is Line) say(it) else it }.toTypedArray()
        if (!line.word.counted) return resources.getString(line.word.resource, *places)
        // The form of a noun depends on the last digits; what does not fit an Int ends like what does.
        val number = ((line.places.first() as Number).toLong() % 1_000_000).toInt()
        return resources.getQuantityString(line.word.resource, number, *places)
    }
}

/** Written out, so that a word without a text does not compile and shrinking keeps what is used. */
private val Word.resource: Int
    get() = when (this) {
        Word.UNLOCK_TITLE -> R.string.unlock_title
        Word.UNLOCK_FIELD -> R.string.unlock_field
        Word.UNLOCK_SHOW -> R.string.unlock_show
        Word.UNLOCK_OPEN -> R.string.unlock_open
        Word.WAIT -> R.string.wait
        Word.LOCKED -> R.string.locked
        Word.EMPTY_PASSPHRASE -> R.string.empty_passphrase
        Word.WRONG_PASSPHRASE -> R.string.wrong_passphrase
        Word.TOO_MANY_TRIES -> R.string.too_many_tries
        Word.WEAK_PASSPHRASE -> R.string.weak_passphrase
        Word.PASSPHRASE_TAKEN -> R.string.passphrase_taken
        Word.DEVICE_KEY_REFUSED -> R.string.device_key_refused
        Word.DEPARTED -> R.string.departed
        Word.BAD_RETURN_CODE -> R.string.bad_return_code
        Word.NOBODY_READMITS -> R.string.nobody_readmits
        Word.IN_USE -> R.string.in_use
        Word.NOTHING_HERE -> R.string.nothing_here
        Word.TOO_NEW -> R.string.too_new
        Word.NO_ROOM -> R.string.no_room
        Word.DAMAGED -> R.string.damaged
        Word.BAD_INVITATION -> R.string.bad_invitation
        Word.INVITATION_EXPIRED -> R.string.invitation_expired
        Word.INVITATION_USED -> R.string.invitation_used
        Word.STILL_WAITING -> R.string.still_waiting
        Word.OFFLINE -> R.string.offline
        Word.WRONG_SERVER -> R.string.wrong_server
        Word.WRONG_CLOCK -> R.string.wrong_clock
        Word.NO_LONGER_MEMBER -> R.string.no_longer_member
        Word.SEALED_AWAY -> R.string.sealed_away
        Word.ERASED -> R.string.erased
        Word.UNSENT -> R.string.unsent
        Word.IDLE_TOO_LONG -> R.string.idle_too_long
        Word.CUT_OFF -> R.string.cut_off
        Word.UNSWEPT -> R.string.unswept
        Word.TROUBLE -> R.string.trouble
        Word.TROUBLE_WAIT -> R.string.trouble_wait
        Word.TROUBLE_UPDATE -> R.string.trouble_update
        Word.PAGE_BACK -> R.string.page_back
        Word.PAGE_EXIT -> R.string.page_exit
        Word.PAGE_WORKING -> R.string.page_working
        Word.START_TITLE -> R.string.start_title
        Word.START_INVITATION -> R.string.start_invitation
        Word.START_INVITATION_FIELD -> R.string.start_invitation_field
        Word.START_PASTE -> R.string.start_paste
        Word.START_SCAN -> R.string.start_scan
        Word.START_NEXT -> R.string.start_next
        Word.START_NO_INVITATION -> R.string.start_no_invitation
        Word.START_NO_SCANNER -> R.string.start_no_scanner
        Word.START_NAME -> R.string.start_name
        Word.START_NAME_FIELD -> R.string.start_name_field
        Word.START_NO_NAME -> R.string.start_no_name
        Word.START_PASSPHRASE -> R.string.start_passphrase
        Word.START_OFFERED -> R.string.start_offered
        Word.START_OTHER_WORDS -> R.string.start_other_words
        Word.START_OWN -> R.string.start_own
        Word.START_OFFER -> R.string.start_offer
        Word.START_AGAIN -> R.string.start_again
        Word.START_NOT_THE_SAME -> R.string.start_not_the_same
        Word.START_MAKING -> R.string.start_making
        Word.START_JOIN -> R.string.start_join
        Word.WAITING_TITLE -> R.string.waiting_title
        Word.WAITING_SAY -> R.string.waiting_say
        Word.WAITING_ASK -> R.string.waiting_ask
        Word.RETURN_TITLE -> R.string.return_title
        Word.RETURN_CODE -> R.string.return_code
        Word.RETURN_NO_CODE -> R.string.return_no_code
        Word.TODAY_TITLE -> R.string.today_title
        Word.TODAY_NEW -> R.string.today_new
        Word.TODAY_DRAFTS -> R.string.today_drafts
        Word.TODAY_ALARMS -> R.string.today_alarms
        Word.TODAY_SEARCH -> R.string.today_search
        Word.TODAY_SETTLE -> R.string.today_settle
        Word.TODAY_SYNC -> R.string.today_sync
        Word.TODAY_SETTINGS -> R.string.today_settings
        Word.TODAY_LOCK -> R.string.today_lock
        Word.TODAY_WAITING -> R.plurals.today_waiting
        Word.TODAY_ALL_SENT -> R.string.today_all_sent
        Word.CONTACT_NEVER -> R.string.contact_never
        Word.CONTACT_NOW -> R.string.contact_now
        Word.CONTACT_HOURS -> R.plurals.contact_hours
        Word.CONTACT_DAYS -> R.plurals.contact_days
        Word.CONTACT_CLOCK -> R.string.contact_clock
        Word.CONTACT_STALE -> R.string.contact_stale
        Word.CLOCK_BEHIND -> R.string.clock_behind
        Word.CLOCK_AHEAD -> R.string.clock_ahead
        Word.SPAN_MINUTES -> R.plurals.span_minutes
        Word.SPAN_HOURS -> R.plurals.span_hours
        Word.SPAN_DAYS -> R.plurals.span_days
        Word.SPAN_YEARS -> R.plurals.span_years
        Word.ALARM -> R.string.alarm
        Word.ALARM_NEW -> R.string.alarm_new
        Word.FORMS_TITLE -> R.string.forms_title
        Word.FORMS_NONE -> R.string.forms_none
        Word.FILL_PROGRESS -> R.string.fill_progress
        Word.FILL_REQUIRED -> R.string.fill_required
        Word.FILL_NEXT -> R.string.fill_next
        Word.FILL_CHECK -> R.string.fill_check
        Word.FILL_PAUSE -> R.string.fill_pause
        Word.FILL_PICK_DAY -> R.string.fill_pick_day
        Word.FILL_PICK_TIME -> R.string.fill_pick_time
        Word.FILL_DAY_EXAMPLE -> R.string.fill_day_example
        Word.FILL_TIME_EXAMPLE -> R.string.fill_time_example
        Word.FILL_MOMENT_EXAMPLE -> R.string.fill_moment_example
        Word.FILL_PLACE_EXAMPLE -> R.string.fill_place_example
        Word.FILL_NARROW -> R.string.fill_narrow
        Word.FILL_ACKNOWLEDGE -> R.string.fill_acknowledge
        Word.FILL_NOT_SHOWN -> R.string.fill_not_shown
        Word.FILL_ADD_ROW -> R.string.fill_add_row
        Word.FILL_REMOVE_ROW -> R.string.fill_remove_row
        Word.FILL_ROWS -> R.string.fill_rows
        Word.WRONG_EMPTY -> R.string.wrong_empty
        Word.WRONG_NUMBER -> R.string.wrong_number
        Word.WRONG_DAY -> R.string.wrong_day
        Word.WRONG_TIME -> R.string.wrong_time
        Word.WRONG_PLACE -> R.string.wrong_place
        Word.WRONG_CHOICE -> R.string.wrong_choice
        Word.WRONG_ANSWER -> R.string.wrong_answer
        Word.REVIEW_TITLE -> R.string.review_title
        Word.REVIEW_MISSING -> R.string.review_missing
        Word.REVIEW_COMPLETE -> R.string.review_complete
        Word.REVIEW_ANSWERS -> R.string.review_answers
        Word.REVIEW_FINISH -> R.string.review_finish
        Word.REVIEW_DISCARD -> R.string.review_discard
        Word.REVIEW_DISCARD_SURE -> R.string.review_discard_sure
        Word.REVIEW_SAVED -> R.string.review_saved
        Word.DISCARDED -> R.string.discarded
        Word.RECORD_EDIT -> R.string.record_edit
        Word.RECORD_HISTORY -> R.string.record_history
        Word.RECORD_CONFLICTS -> R.plurals.record_conflicts
        Word.RECORD_HIDDEN -> R.string.record_hidden
        Word.HISTORY_TITLE -> R.string.history_title
        Word.HISTORY_WHO -> R.string.history_who
        Word.HISTORY_BEFORE -> R.string.history_before
        Word.HISTORY_TAKEN -> R.string.history_taken
        Word.HISTORY_NONE -> R.string.history_none
        Word.SEARCH_TITLE -> R.string.search_title
        Word.SEARCH_FIELD -> R.string.search_field
        Word.SEARCH_GO -> R.string.search_go
        Word.SEARCH_NONE -> R.string.search_none
        Word.SEARCH_MORE -> R.string.search_more
        Word.CONFLICT_TITLE -> R.string.conflict_title
        Word.CONFLICT_NONE -> R.string.conflict_none
        Word.CONFLICT_LEFT -> R.string.conflict_left
        Word.CONFLICT_LATER -> R.string.conflict_later
        Word.CONFLICT_SETTLED -> R.string.conflict_settled
        Word.CONFLICT_CHOOSE -> R.string.conflict_choose
        Word.CONFLICT_RECORD -> R.string.conflict_record
        Word.SYNC_TITLE -> R.string.sync_title
        Word.SYNC_BEGIN -> R.string.sync_begin
        Word.SYNC_STOP -> R.string.sync_stop
        Word.SYNC_STOPPING -> R.string.sync_stopping
        Word.SYNC_STOPPED -> R.string.sync_stopped
        Word.SYNC_BEGINS -> R.string.sync_begins
        Word.SYNC_SENDS -> R.string.sync_sends
        Word.SYNC_FETCHES -> R.string.sync_fetches
        Word.SYNC_DONE -> R.string.sync_done
        Word.SYNC_SENT -> R.string.sync_sent
        Word.SYNC_RECEIVED -> R.string.sync_received
        Word.SYNC_OF -> R.string.sync_of
        Word.SYNC_KEPT -> R.string.sync_kept
        Word.SETTINGS_TITLE -> R.string.settings_title
        Word.SETTINGS_LANGUAGE -> R.string.settings_language
        Word.SETTINGS_LAPSES -> R.string.settings_lapses
        Word.SETTINGS_PASSPHRASE -> R.string.settings_passphrase
        Word.SETTINGS_DURESS -> R.string.settings_duress
        Word.SETTINGS_TRAVEL -> R.string.settings_travel
        Word.SETTINGS_WIPE -> R.string.settings_wipe
        Word.SETTINGS_IDLE -> R.string.settings_idle
        Word.SETTINGS_AWAY -> R.string.settings_away
        Word.SETTINGS_AT_ONCE -> R.string.settings_at_once
        Word.SETTINGS_MINUTES -> R.plurals.settings_minutes
        Word.SETTINGS_SET -> R.string.settings_set
        Word.SETTINGS_OLD -> R.string.settings_old
        Word.SETTINGS_NEW -> R.string.settings_new
        Word.SETTINGS_CHANGE -> R.string.settings_change
        Word.SETTINGS_CHANGED -> R.string.settings_changed
        Word.SETTINGS_DURESS_MEANS -> R.string.settings_duress_means
        Word.SETTINGS_DURESS_OTHER -> R.string.settings_duress_other
        Word.SETTINGS_DURESS_SET -> R.string.settings_duress_set
        Word.SETTINGS_DURESS_IS_SET -> R.string.settings_duress_is_set
        Word.SETTINGS_DURESS_DROP -> R.string.settings_duress_drop
        Word.SETTINGS_DURESS_GONE -> R.string.settings_duress_gone
        Word.SETTINGS_MUST_DIFFER -> R.string.settings_must_differ
        Word.SETTINGS_TRAVEL_MEANS -> R.string.settings_travel_means
        Word.SETTINGS_TRAVEL_SURE -> R.string.settings_travel_sure
        Word.SETTINGS_DEPART -> R.string.settings_depart
        Word.SETTINGS_WIPE_MEANS -> R.string.settings_wipe_means
        Word.SETTINGS_WIPE_SURE -> R.string.settings_wipe_sure
        Word.SETTINGS_WIPE_DO -> R.string.settings_wipe_do
        Word.SETTINGS_TICK -> R.string.settings_tick
        Word.SETTINGS_DISGUISE -> R.string.settings_disguise
    }
