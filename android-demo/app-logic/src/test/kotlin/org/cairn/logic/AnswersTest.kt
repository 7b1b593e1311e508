package org.cairn.logic

import java.time.LocalDate
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.cairn.ffi.NoAnswer
import org.cairn.ffi.Office
import org.cairn.ffi.Server
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/** Answers that are missing, in an order, or of several places, and what is to be done, with a real vault behind. */
class AnswersTest {
    @get:Rule
    val folder = TemporaryFolder()

    private lateinit var server: Server
    private lateinit var office: Office
    private lateinit var person: Person

    @Before
    fun begin() {
        server = Server(folder.newFolder())
        office = Office(server, folder.newFolder())
        office.publish(folder.newFolder(), "survey.csv" to SURVEY, "choices.csv" to CHOICES, "settings.csv" to SETTINGS)
        person = Person(folder.newFolder())
        assertIs<Waiting>(person.joins(office.invite(), "zarina"))
        office.sync()
        assertIs<Today>(person.does(StartEvent.Ask))
        person.goes(Door.NewRecord("rounds"))
    }

    @After
    fun end() {
        person.locks()
        office.close()
        server.close()
    }

    @Test
    fun `that there is no answer is an answer, can be taken back, and is kept through a lock`() {
        given("name", typed("Amina"))
        given("age", Given.None(NoAnswer.NOT_ASKED))
        assertEquals(listOf("age"), review().missing.map { it.key }, "nobody asked what must be asked")
        given("age", Given.None(NoAnswer.DECLINED))
        assertEquals(emptyList(), review().missing)

        person.locks()
        person.goes(Door.Draft(assertIs<Today>(person.opens()).drafts.single().number))
        val kept = question("age")
        assertEquals(NoAnswer.DECLINED to "", kept.none to kept.text)
        given("age", Given.None(null))
        assertNull(question("age").none)
        assertEquals(listOf("age"), review().missing.map { it.key })
        given("age", Given.None(NoAnswer.UNKNOWN))
        given("age", typed("31"))
        assertEquals(null to "31", question("age").let { it.none to it.text })

        given("age", Given.None(NoAnswer.UNKNOWN))
        assertEquals(NoAnswer.UNKNOWN, review().answers.single { it.key == "age" }.none)
        finish()
        assertEquals(NoAnswer.UNKNOWN, record().answers.single { it.key == "age" }.none)
        val past = assertIs<History>(person.goes(Door.History(door()))).entries.single { it.label == "Age" }
        assertEquals(NoAnswer.UNKNOWN to null, past.told?.none to past.before)
    }

    @Test
    fun `it can be said of every question that asks something, and never wipes what only grows`() {
        while (true) {
            val fill = person.desk.screen as? Fill ?: break
            for (question in fill.questions) {
                assertEquals(question.key != "thanks", question.canHaveNone, question.key)
                if (question.canHaveNone) given(question.key, Given.None(NoAnswer.DECLINED))
            }
            person.does(FillingEvent.Moved(Move.Next))
        }
        assertTrue(assertIs<Review>(person.desk.screen).answers.all { it.none == NoAnswer.DECLINED })
        given("notes", typed("first"))
        assertEquals("first", question("notes").text)
        assertEquals(false, question("notes").canHaveNone)
    }

    @Test
    fun `choices are put in an order, moved and taken out`() {
        assertEquals(emptyList(), question("order").ranked)
        given("order", Given.Ranked(listOf("food")))
        given("order", Given.Ranked(listOf("food", "water")))
        given("order", Given.Ranked(listOf("water", "food")))
        assertEquals(listOf("Water", "Food"), question("order").ranked.map { it.label })
        given("order", Given.Ranked(emptyList()))
        assertEquals(emptyList(), question("order").ranked)
        given("order", Given.Ranked(listOf("heat", "water", "food")))
        given("name", typed("Amina"))
        given("age", typed("31"))
        assertEquals(emptyList(), review().missing)
        finish()
        assertTrue(record().answers.single { it.key == "order" }.said.startsWith("Heat"))
    }

    @Test
    fun `a line says how many places it lacks, and is kept once it has them`() {
        given("path", typed("38.5 68.5"))
        assertEquals(Reason.Ours(Line(Word.WRONG_LINE)), question("path").wrong)
        given("path", typed("38.5 68.5; 38.6 68.6"))
        assertNull(question("path").wrong)
        given("field", typed("1 1; 1 2"))
        assertEquals(Reason.Ours(Line(Word.WRONG_AREA)), question("field").wrong)
        given("field", typed("1 1; 1 2; 2 2; 1 1"))
        assertNull(question("field").wrong)
        assertTrue(question("spot").near, "the form wants the mark beside the place")
        assertEquals(false, question("path").near)
        person.locks()
        person.goes(Door.Draft(assertIs<Today>(person.opens()).drafts.single().number))
        assertEquals("38.5 68.5; 38.6 68.6", question("path").text)
        assertEquals("1 1; 1 2; 2 2; 1 1", question("field").text)
    }

    @Test
    fun `what is to be done stands on the first screen, is ticked off, and is taken back`() {
        given("name", typed("Amina"))
        given("age", typed("31"))
        val today = LocalDate.now()
        task("Call", today.minusDays(3))
        task("Bring food", today.plusDays(12))
        assertEquals(emptyList(), assertIs<Today>(person.goes(Door.Today)).tasks, "drafts do not count")
        person.goes(Door.Draft(assertIs<Today>(person.desk.screen).drafts.single().number))
        review()
        finish()

        val before = assertIs<Today>(person.desk.screen)
        assertEquals(listOf("Call", "Bring food"), before.tasks.map { it.what })
        assertEquals(listOf(Line(Word.TASK_SINCE, 3L), Line(Word.TASK_IN, 12L)), before.tasks.map { it.due })
        assertEquals(2L to listOf("Amina", "Amina"), before.open to before.tasks.map { it.name })
        val call = before.tasks.first()
        val after = assertIs<Today>(person.does(TaskEvent.Finish(call)))
        assertEquals(Line(Word.TASK_DONE) to call, after.notice to after.done)
        assertEquals(listOf("Bring food"), after.tasks.map { it.what })
        // It is an answer like any other: it stands in the record's history.
        assertTrue(assertIs<History>(person.goes(Door.History(door()))).entries.any { it.label == "Done?" })

        person.goes(Door.Today)
        val back = assertIs<Today>(person.does(TaskEvent.TakeBack(call)))
        assertEquals(listOf("Call", "Bring food"), back.tasks.map { it.what })
        assertEquals(Line(Word.TASK_UNDONE) to null, back.notice to back.done)
        val one = assertIs<Tasks>(person.goes(Door.Tasks(rows = 1)))
        assertEquals(listOf("Call") to true, one.rows.map { it.what } to one.more)
        assertEquals(false, assertIs<Tasks>(person.goes(one.further)).more)
    }

    private fun task(what: String, due: LocalDate) {
        while (assertIs<Fill>(person.desk.screen).rows?.more == null) person.does(FillingEvent.Moved(Move.Next))
        val place = assertNotNull(assertIs<Fill>(person.desk.screen).rows?.more)
        person.does(FillingEvent.Moved(Move.AddRow(place)))
        for ((label, text) in listOf("What?" to what, "When?" to "$due")) {
            while (assertIs<Fill>(person.desk.screen).questions.none { it.label == label }) {
                person.does(FillingEvent.Moved(Move.Next))
            }
            val key = assertIs<Fill>(person.desk.screen).questions.single { it.label == label }.key
            person.does(FillingEvent.Typed(key, typed(text)))
        }
    }

    private fun given(key: String, given: Given) {
        question(key)
        person.does(if (given is Given.Typed) FillingEvent.Typed(key, given) else FillingEvent.Answered(key, given))
    }

    private fun question(key: String): Question =
        assertIs<Fill>(person.does(FillingEvent.Moved(Move.To(key)))).questions.single { it.key == key }

    private fun review(): Review = assertIs(person.does(FillingEvent.Moved(Move.Review)))

    private fun finish() = assertIs<Today>(person.does(FillingEvent.Moved(Move.Finish)))

    private fun door() = Door.Record(assertIs<Search>(person.goes(Door.Search())).rows.single().id, Door.Today)

    private fun record(): RecordPage = assertIs(person.goes(door()))

    private companion object {
        const val SETTINGS = "form_title,form_id,version,instance_name\nRounds,rounds,1,\${name}\n"
        const val CHOICES = "list_name,name,label\nneed,water,Water\nneed,food,Food\nneed,heat,Heat\nsaid,yes,Yes\nsaid,no,No\n"
        const val SURVEY =
            "type,name,label,required,appearance,cairn::merge,cairn::task\n" +
                "text,name,Name,yes,,,\n" +
                "note,thanks,Thank you,,,,\n" +
                "integer,age,Age,yes,,,\n" +
                "text,notes,Notes,,,log,\n" +
                "rank need,order,What comes first?,,,,\n" +
                "geopoint,spot,Spot,,placement-map,,\n" +
                "geotrace,path,Path,,,,\n" +
                "geoshape,field,Field,,,,\n" +
                "acknowledge,read,Read this,,,,\n" +
                "begin_repeat,tasks,Tasks,,,,\n" +
                "text,what,What?,,,,what\n" +
                "date,due,When?,,,,due\n" +
                "select_one said,done,Done?,,,,done\n" +
                "end_repeat,,,,,,\n"
    }
}
