// Robolectric tells AndroidX's test library what happens. That library is only in Google's repository, so
// the few types that Robolectric calls stand here, under their own names and for tests only.
package androidx.test.platform.app

import android.app.Instrumentation
import android.os.Bundle

object InstrumentationRegistry {
    private var instrumentation: Instrumentation? = null

    /** Robolectric passes null when a test ends. */
    @JvmStatic
    fun registerInstance(instrumentation: Instrumentation?, @Suppress("UNUSED_PARAMETER") arguments: Bundle?) {
        this.instrumentation = instrumentation
    }

    @JvmStatic
    fun getInstrumentation(): Instrumentation = checkNotNull(instrumentation) { "no test is running" }
}
