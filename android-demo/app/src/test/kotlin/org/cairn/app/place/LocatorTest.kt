package org.cairn.app.place

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.location.LocationManager
import android.os.Build
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers

/** What a phone can be asked, by who is told the place roughly or exactly. */
@RunWith(RobolectricTestRunner::class)
class LocatorTest {
    private val app = RuntimeEnvironment.getApplication()
    private val manager = app.getSystemService(LocationManager::class.java)
    private val locator = Locator(app)

    @Test
    fun `before Android 12 a phone with satellites alone is not said to be switched off to who allowed it roughly`() {
        for (provider in manager.allProviders) shadowOf(manager).setProviderEnabled(provider, false)
        shadowOf(manager).setProviderEnabled(LocationManager.GPS_PROVIDER, true)
        shadowOf(app).grantPermissions(ACCESS_COARSE_LOCATION)
        assertFalse(locator.isRough, "since Android 12 satellites may be asked")
        assertTrue(locator.isOn)
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", Build.VERSION_CODES.R)
        assertEquals(true to true, locator.isOn to locator.isRough)
        shadowOf(app).grantPermissions(ACCESS_FINE_LOCATION)
        assertEquals(true to false, locator.isOn to locator.isRough)
        shadowOf(manager).setProviderEnabled(LocationManager.GPS_PROVIDER, false)
        assertEquals(false to false, locator.isOn to locator.isRough)
    }
}
