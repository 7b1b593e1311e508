package org.cairn.app.keystore

import android.content.pm.PackageManager
import android.security.keystore.KeyProperties
import java.io.File
import java.security.Security
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.cairn.ffi.CairnException
import org.cairn.ffi.CommandLine
import org.cairn.ffi.OpenVault
import org.cairn.ffi.PhoneKeyException
import org.cairn.ffi.createVault
import org.cairn.ffi.wipeVault
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/** What the app asks of a phone's keystore, and what the core makes of the answers. */
@RunWith(RobolectricTestRunner::class)
class HardwareKeysTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val context = RuntimeEnvironment.getApplication()
    private var phone = FakeKeystore()

    @Before
    fun begin() {
        Security.addProvider(phone)
    }

    @After
    fun end() {
        Security.removeProvider(phone.name)
    }

    @Test
    fun `both keys are made at first, as small in rights as they can be`() {
        made()
        assertEquals(setOf("vault-0", "vault-1"), phone.held.keys)
        for (wanted in phone.held.values.map { it.wanted }) {
            assertEquals(256, wanted.keySize)
            assertEquals(KeyProperties.PURPOSE_SIGN, wanted.purposes)
            assertFalse(wanted.isUserAuthenticationRequired)
            assertFalse(wanted.isUnlockedDeviceRequired)
        }
        // What is there stays.
        val before = phone.held.toMap()
        made()
        assertEquals(before, phone.held)
    }

    @Test
    fun `what is computed is HMAC-SHA-256 under the key of that vault`() {
        val keys = made()
        val message = ByteArray(32) { it.toByte() }
        for (vault in 0..1) {
            val expected = Mac.getInstance("HmacSHA256").run {
                init(SecretKeySpec(phone.held.getValue("vault-$vault").octets, "HmacSHA256"))
                doFinal(message)
            }
            assertContentEquals(expected, keys.mac(vault.toUByte(), message))
        }
    }

    @Test
    fun `renewing destroys first, then makes, and leaves the other alone`() {
        val keys = made()
        val (old, other) = ALIASES.map { phone.held.getValue(it) }
        phone.done.clear()
        keys.renew(0u)
        assertEquals(listOf("delete vault-0", "make vault-0"), phone.done)
        assertFalse(old.octets.contentEquals(phone.held.getValue("vault-0").octets))
        assertEquals(other, phone.held["vault-1"])
    }

    @Test
    fun `a key whose successor cannot be made is gone all the same`() {
        val keys = made()
        phone.makesNone = true
        assertFailsWith<PhoneKeyException.Refused> { keys.renew(0u) }
        assertEquals(setOf("vault-1"), phone.held.keys)
        assertFailsWith<PhoneKeyException.Refused> { keys.mac(0u, ByteArray(32)) }
        assertFalse(keys.erasesForCertain())
        phone.makesNone = false
        keys.renew(0u)
        assertTrue(keys.erasesForCertain())
    }

    @Test
    fun `a key that is not found is not made by the way`() {
        val keys = HardwareKeys(context)
        assertFailsWith<PhoneKeyException.Refused> { keys.mac(0u, ByteArray(32)) }
        assertFailsWith<PhoneKeyException.Refused> { made().mac(2u, ByteArray(32)) }
        phone.held.clear()
        assertFailsWith<PhoneKeyException.Refused> { keys.mac(1u, ByteArray(32)) }
        assertTrue(phone.held.isEmpty())
    }

    @Test
    fun `a chip of its own is used where there is one and it takes the key`() {
        made()
        assertTrue(phone.held.values.none { it.wanted.isStrongBoxBacked }, "not asked for where there is none")
        phone.held.clear()
        shadowOf(context.packageManager).setSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE, true)
        made()
        assertTrue(phone.held.values.all { it.wanted.isStrongBoxBacked })
        assertTrue(HardwareKeys(context).erasesForCertain())
        phone.held.clear()
        phone.strongBoxIsFull = true
        made()
        assertEquals(2, phone.held.size)
        assertTrue(phone.held.values.none { it.wanted.isStrongBoxBacked })
    }

    @Test
    fun `only hardware erases for certain`() {
        val places = mapOf(
            KeyProperties.SECURITY_LEVEL_SOFTWARE to false,
            KeyProperties.SECURITY_LEVEL_UNKNOWN to false,
            KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE to true,
            KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT to true,
            KeyProperties.SECURITY_LEVEL_STRONGBOX to true,
        )
        for ((level, certain) in places) {
            phone.level = level
            phone.held.clear()
            assertEquals(certain, made().erasesForCertain(), "level $level")
        }
        // One of the two in hardware is not enough.
        phone.level = KeyProperties.SECURITY_LEVEL_SOFTWARE
        made().renew(1u)
        assertFalse(HardwareKeys(context).erasesForCertain())
    }

    @Test
    fun `whatever a phone throws is a refusal`() {
        val keys = made()
        phone.broken = IllegalStateException("the phone's own trouble")
        assertFailsWith<PhoneKeyException.Refused> { keys.mac(0u, ByteArray(32)) }
        assertFailsWith<PhoneKeyException.Refused> { keys.renew(0u) }
        assertFalse(keys.erasesForCertain())
        assertNull(phoneKeys(context, folder.newFolder()), "no vault yet: its keys will lie in a file")
    }

    @Test
    fun `a vault lives with the phone's keys and dies with them`() {
        val path = folder.newFolder()
        createVault(path.path, PASSPHRASE, phoneKeys(context, path))
        assertFalse(File(path, "device").exists(), "no key lies in a file")
        phone.done.clear()
        assertNull(open(path), "opens")
        assertEquals(emptyList(), phone.done, "opening makes and deletes nothing")

        val another = FakeKeystore()
        Security.removeProvider(phone.name)
        Security.addProvider(another)
        assertEquals("device_key_refused", open(path), "another phone has no such key")
        assertTrue(another.held.isEmpty(), "and none is made on it")
        Security.removeProvider(another.name)
        Security.addProvider(phone)

        val keys = phone.held.toMap()
        assertTrue(wipeVault(path.path, phoneKeys(context, path)), "for certain")
        assertTrue(keys.keys.none { phone.held[it]?.octets.contentEquals(keys.getValue(it).octets) })
        assertEquals("no_vault", open(path))
    }

    @Test
    fun `a vault that began with a file keeps it`() {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        assertNull(phoneKeys(context, path))
        OpenVault.openWithKey(path.path, CommandLine.PASSPHRASE, phoneKeys(context, path)).use { it.lock() }
        assertTrue(phone.held.isEmpty())
        assertIs<HardwareKeys>(assertNotNull(phoneKeys(context, folder.newFolder())))
    }

    private fun made() = HardwareKeys(context).also(HardwareKeys::make)

    /** The name of what went wrong, or null. */
    private fun open(path: File): String? = try {
        OpenVault.openWithKey(path.path, PASSPHRASE, phoneKeys(context, path)).use { it.lock() }
        null
    } catch (error: CairnException.Failed) {
        error.code
    }

    private companion object {
        /** Enough in hardware, too short without. */
        const val PASSPHRASE = "ten chars!"
        val ALIASES = listOf("vault-0", "vault-1")
    }
}
