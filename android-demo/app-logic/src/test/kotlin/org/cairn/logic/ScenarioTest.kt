package org.cairn.logic

import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import org.cairn.ffi.Scene
import org.cairn.logic.background.Outcome
import org.junit.Rule
import org.junit.Test

/** Field workers with their desks, a coordinator, and a server between them that really listens. */
class ScenarioTest {
    @get:Rule
    val scene = Scene("survey.csv" to SURVEY, "choices.csv" to CHOICES, "settings.csv" to SETTINGS)

    private val office get() = scene.office

    @Test
    fun `a record made without a network reaches a second phone, a conflict is settled, a revoked phone is told`() {
        val zarina = newcomer("zarina")
        val farid = newcomer("farid")
        scene.server.close()
        zarina.records("visits", "village" to typed("Upper well"), "people" to typed("4"))
        assertEquals(Line(Word.OFFLINE), zarina.syncs().notice)
        assertTrue(assertIs<Today>(zarina.goes(Door.Today)).counts.waiting > 0)

        scene.restart()
        for (person in listOf(zarina, farid)) person.isTold()
        assertEquals(listOf("Upper well"), farid.finds("upper"))

        // Both change the same answer, and neither knows of the other.
        for ((person, people) in listOf(zarina to "5", farid to "6")) {
            person.changes("people" to typed(people))
        }
        zarina.isTold()
        farid.isTold()
        val conflict = assertIs<Conflict>(farid.goes(Door.Conflicts()))
        assertEquals(setOf("5", "6"), conflict.values.map { it.said }.toSet())
        assertEquals(setOf("zarina", "farid"), conflict.values.map { it.who }.toSet())
        farid.does(ConflictEvent.Settle(conflict.values.indexOfFirst { it.said == "5" }))
        assertEquals(emptyList(), assertIs<Conflict>(farid.desk.screen).values)
        farid.isTold()
        zarina.isTold()
        assertEquals("5", zarina.reads("people"))
        assertEquals(0L, assertIs<Today>(zarina.goes(Door.Today)).counts.conflicts)
        assertTrue(zarina.history().any { it.who == "farid" })

        office.sync()
        office.vault.revoke(assertNotNull(office.vault.devices().find { it.name == "farid" }).device)
        assertEquals(Line(Word.NO_LONGER_MEMBER), farid.syncs().notice)
        // What is on the phone stays readable there; the other goes on.
        assertEquals(listOf("Upper well"), farid.finds())
        zarina.isTold()
        for (person in listOf(zarina, farid)) person.locks()
    }

    @Test
    fun `who joins compares words with the coordinator, and waits until admitted`() {
        val person = Person(scene.newFolder())
        val waiting = assertIs<Waiting>(person.joins(office.invite(compare = true), "zarina"))
        assertTrue(waiting.words.isNotBlank())
        assertEquals(Line(Word.STILL_WAITING), assertIs<Waiting>(person.does(StartEvent.Ask)).notice)
        person.locks()
        assertEquals(waiting.words, assertIs<Waiting>(person.opens()).words)
        office.sync()
        assertEquals(listOf(waiting.words), office.vault.newcomers().map { it.words })
        office.vault.confirm(waiting.words)
        office.sync()
        assertIs<Today>(person.does(StartEvent.Ask))
        person.locks()
    }

    @Test
    fun `a process that is killed while something is typed has kept what was handed over`() {
        val vault = scene.newFolder()
        val person = Person(vault)
        admitted(person, "zarina")
        person.goes(Door.NewRecord("visits"))
        person.does(FillingEvent.Typed("village", typed("Mill")))
        // The next answer is on its way when the process ends: it is not there, and what was there before is.
        person.desk.happens(FillingEvent.Typed("village", typed("Mill and bridge")))
        person.isKilled()
        val today = assertIs<Today>(person.opens())
        person.goes(Door.Draft(today.drafts.single().number))
        val village = assertIs<Fill>(person.desk.screen).questions.single { it.key == "village" }
        assertEquals("Mill", village.text)
        person.locks()
    }

    @Test
    fun `what is missing and wrong is said, rows come and go, and a draft is thrown away`() {
        val person = Person(scene.newFolder())
        admitted(person, "zarina")
        val first = assertIs<Fill>(person.goes(Door.NewRecord("visits")))
        assertTrue(first.questions.single { it.key == "village" }.required)
        assertEquals(null, first.questions.single { it.key == "village" }.wrong, "nobody is told off at once")

        person.does(FillingEvent.Typed("people", typed("many")))
        while (assertIs<Fill>(person.desk.screen).questions.none { it.key == "people" }) {
            person.does(FillingEvent.Moved(Move.Next))
        }
        val wrong = assertIs<Fill>(person.does(FillingEvent.Moved(Move.Next)))
        val people = wrong.questions.single { it.key == "people" }
        assertEquals("many" to Reason.Ours(Line(Word.WRONG_NUMBER)), people.text to people.wrong)
        assertEquals(Line(Word.WRONG_ANSWER), wrong.notice)
        person.does(FillingEvent.Typed("people", typed("200")))
        val outside = assertIs<Fill>(person.does(FillingEvent.Moved(Move.Next)))
        val said = outside.questions.single { it.key == "people" }.wrong
        assertEquals(Reason.Said("Nobody visits more than 99."), said)

        person.does(FillingEvent.Typed("people", typed("4")))
        val review = assertIs<Review>(person.does(FillingEvent.Moved(Move.Review)))
        assertEquals(listOf("village"), review.missing.map { it.key })
        assertEquals(review, person.does(FillingEvent.Moved(Move.Finish)), "nothing is finished so")
        val back = assertIs<Fill>(person.does(FillingEvent.Moved(Move.To("village"))))
        assertEquals(Reason.Ours(Line(Word.WRONG_EMPTY)), back.questions.single { it.key == "village" }.wrong)

        // Rows: one is begun, answered, and taken away again.
        var screen = assertIs<Fill>(back)
        while (screen.rows?.more == null) screen = assertIs<Fill>(person.does(FillingEvent.Moved(Move.Next)))
        val row = assertIs<Fill>(person.does(FillingEvent.Moved(Move.AddRow(assertNotNull(screen.rows?.more)))))
        val need = row.questions.single()
        person.does(FillingEvent.Answered(need.key, chosen("water")))
        val answered = assertIs<Fill>(person.desk.screen)
        assertEquals(setOf("water"), answered.questions.single().chosen)
        assertIs<Fill>(person.does(FillingEvent.Moved(Move.RemoveRow(assertNotNull(answered.rows?.own)))))
        val after = assertIs<Review>(person.does(FillingEvent.Moved(Move.Review)))
        assertFalse(after.answers.any { it.key == need.key })

        val today = assertIs<Today>(person.does(FillingEvent.Moved(Move.Discard)))
        assertEquals(Line(Word.DISCARDED) to emptyList(), today.notice to today.drafts)
        person.locks()
    }

    @Test
    fun `the second passphrase shows something harmless, and the vault is gone`() {
        val vault = scene.newFolder()
        val person = Person(vault, "ru")
        admitted(person, "zarina")
        person.records("visits", "village" to typed("Secret place"))
        person.goes(Door.NewRecord("visits"))
        person.does(FillingEvent.Typed("village", typed("Mill")))
        person.does(Event.Back)
        val page = assertIs<Settings>(person.goes(Door.Settings(SettingsPage.DURESS)))
        assertEquals(1L, page.unsent?.drafts)
        assertTrue(assertNotNull(page.unsent).changes > 0, "what would be lost is told before")
        assertFalse(page.certain, "its keys lie in a file")
        val duress = "another horse another staple"
        val wrong = person.does(SettingsEvent.Duress("wrong passphrase here", duress, duress))
        assertEquals(Line(Word.WRONG_PASSPHRASE), assertIs<Settings>(wrong).notice)
        val set = assertIs<Settings>(person.does(SettingsEvent.Duress(Person.PASSPHRASE, duress, duress)))
        val but = Line(Word.BOTH, Line(Word.SETTINGS_DURESS_IS_SET), Line(Word.KEY_IN_FILE))
        assertEquals(but, set.notice, "and nobody promises more than this phone can")
        person.locks()
        assertIs<Today>(person.opens(duress))
        val found = person.finds()
        val harmless = HARMLESS.flatMap { it.words.getValue("ru").things }
        assertTrue(found.size > 3 && harmless.containsAll(found), "$found")
        assertEquals(emptyList(), person.finds("secret"))
        // It says that it is offline, and every page opens.
        person.syncs()
        person.goes(Door.Settings())
        person.locks()
        assertEquals(Screen.Unlock(Line(Word.WRONG_PASSPHRASE)), person.opens())
    }

    @Test
    fun `a changed passphrase opens, and a wiped phone begins anew`() {
        val vault = scene.newFolder()
        val person = Person(vault)
        admitted(person, "zarina")
        val new = "a longer and quite new phrase"
        person.goes(Door.Settings(SettingsPage.PASSPHRASE))
        val changed = assertIs<Settings>(person.does(SettingsEvent.Change(Person.PASSPHRASE, new, new)))
        assertEquals(Line(Word.SETTINGS_CHANGED), changed.notice)
        person.locks()
        assertEquals(Screen.Unlock(Line(Word.WRONG_PASSPHRASE)), person.opens())
        assertIs<Today>(person.opens(new))
        person.goes(Door.Settings(SettingsPage.WIPE))
        val but = Line(Word.BOTH, Line(Word.WIPED), Line(Word.KEY_IN_FILE))
        assertEquals(Start.Invitation(but), person.does(SettingsEvent.Wipe(sure = true)))
        assertEquals(Start.Invitation(), Person(vault).desk.screen)
    }

    @Test
    fun `a phone that departs opens with the words of a coordinator alone`() {
        val person = Person(scene.newFolder())
        admitted(person, "zarina")
        person.goes(Door.Settings(SettingsPage.TRAVEL))
        val but = Line(Word.BOTH, Line(Word.DEPARTED), Line(Word.KEY_IN_FILE))
        assertEquals(Return(but), person.does(SettingsEvent.Depart(Person.PASSPHRASE, sure = true)))
        person.does(Event.Back)
        assertIs<Return>(person.opens())
        office.sync()
        val words = office.vault.readmit(office.vault.departures().single().device, "en").words
        val other = words.reversed().joinToString(" ")
        assertEquals(Line(Word.BAD_RETURN_CODE), assertIs<Return>(person.does(ReturnEvent(Person.PASSPHRASE, other))).notice)
        assertIs<Today>(person.does(ReturnEvent(Person.PASSPHRASE, words.joinToString(" "))))
        person.locks()
        assertIs<Today>(person.opens())
        person.locks()
    }

    @Test
    fun `in the background a desk syncs while its vault is open, gives way, and does nothing behind the lock`() {
        val person = Person(scene.newFolder())
        assertFalse(person.desk.isOpen)
        admitted(person, "zarina")
        person.records("visits", "village" to typed("Mill"))
        assertTrue(person.desk.isOpen)
        assertEquals(Outcome.UNREACHED, person.desk.sync { false })
        assertTrue(assertIs<Today>(person.goes(Door.Today)).counts.waiting > 0)
        assertEquals(Outcome.DONE, person.desk.sync { true })
        assertEquals(0L, assertIs<Today>(person.goes(Door.Today)).counts.waiting)
        scene.server.close()
        assertEquals(Outcome.UNREACHED, person.desk.sync { true })
        scene.restart()
        person.locks()
        assertEquals(Outcome.LOCKED, person.desk.sync { true })
    }

    @Test
    fun `records are shown page by page`() {
        val person = Person(scene.newFolder())
        admitted(person, "zarina")
        repeat(5) { person.records("visits", "village" to typed("Village $it")) }
        val some = assertIs<Search>(person.goes(Door.Search(rows = 3)))
        assertEquals(3 to true, some.rows.size to some.more)
        val all = assertIs<Search>(person.goes(some.further))
        assertEquals(5 to false, all.rows.size to all.more)
        assertEquals(listOf("Village 3"), person.finds("village 3"))
        person.locks()
    }

    /** Answers [answers] anew in the only record. */
    private fun Person.changes(vararg answers: Pair<String, Given>) {
        goes(Door.Edit(only()))
        // An edit begins at its last answer.
        assertEquals(emptyList(), assertIs<Review>(does(FillingEvent.Moved(Move.Review))).missing)
        for ((key, given) in answers) {
            does(FillingEvent.Moved(Move.To(key)))
            does(FillingEvent.Typed(key, given))
        }
        does(FillingEvent.Moved(Move.Review))
        assertEquals(Line(Word.REVIEW_SAVED), assertIs<Today>(does(FillingEvent.Moved(Move.Finish))).notice)
    }

    private fun Person.only(): String = assertIs<Search>(goes(Door.Search())).rows.single().id

    private fun Person.reads(key: String): String =
        assertIs<RecordPage>(goes(Door.Record(only(), Door.Search()))).answers.single { it.key == key }.said

    private fun Person.history(): List<Entry> =
        assertIs<History>(goes(Door.History(Door.Record(only(), Door.Search())))).entries

    private fun Person.isTold() = assertEquals(Line(Word.SYNC_DONE), syncs().said.firstOrNull())

    private fun newcomer(name: String) = Person(scene.newFolder()).also { admitted(it, name) }

    private fun admitted(person: Person, name: String) {
        person.joins(office.invite(), name)
        person.isAdmitted(office)
    }

    private companion object {
        const val SETTINGS = "form_title,form_id,version,instance_name\nVisits,visits,1,\${village}\n"
        const val CHOICES = "list_name,name,label\nneeds,water,Water\nneeds,food,Food\n"
        const val SURVEY =
            "type,name,label,required,constraint,constraint_message\n" +
                "text,village,Village,yes,,\n" +
                "integer,people,People,,. < 100,Nobody visits more than 99.\n" +
                "begin_repeat,needed,Needs,,,\n" +
                "select_one needs,need,What is needed?,,,\n" +
                "end_repeat,,,,,\n"
    }
}
