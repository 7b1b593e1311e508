package org.cairn.app.keystore

import android.content.Context
import android.content.pm.PackageManager.FEATURE_STRONGBOX_KEYSTORE
import android.os.Build.VERSION.SDK_INT
import android.os.Build.VERSION_CODES.P
import android.os.Build.VERSION_CODES.S
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.KeyStore
import java.security.ProviderException
import javax.crypto.KeyGenerator
import javax.crypto.Mac
import javax.crypto.SecretKey
import javax.crypto.SecretKeyFactory
import org.cairn.ffi.PhoneKey
import org.cairn.ffi.PhoneKeyException

/**
 * The phone's two keys, one for each vault of an installation, HMAC-SHA-256 of 256 bits. Android makes them where
 * they are used: in a chip of their own (StrongBox) where the phone has one, else in the processor's protected part
 * (TEE). They are in no backup, and no program ever sees them, this one neither.
 *
 * The phone's own lock is not asked for: keys that depend on it are lost for ever when somebody takes it off or
 * changes it, and a vault with them. The passphrase is what is asked for. For the same reason not
 * `setUnlockedDeviceRequired`, which has lost keys on phones before Android 12.
 *
 * Every call may be made from any thread and may take a second.
 */
class HardwareKeys(context: Context) : PhoneKey {
    private val hasStrongBox =
        SDK_INT >= P && context.packageManager.hasSystemFeature(FEATURE_STRONGBOX_KEYSTORE)

    /**
     * Makes whichever of both is not there. Only while there is no vault: a key that the phone does not find today
     * may be there tomorrow, and one made in its place would end what it opens.
     *
     * @throws PhoneKeyException if the phone makes no such keys
     */
    fun make() = refusing {
        for (alias in ALIASES) if (!store().containsAlias(alias)) generate(alias)
    }

    override fun mac(vault: UByte, message: ByteArray): ByteArray = refusing {
        val key = find(alias(vault)) ?: throw PhoneKeyException.Refused()
        Mac.getInstance(KeyProperties.KEY_ALGORITHM_HMAC_SHA256).run {
            init(key)
            doFinal(message)
        }
    }

    /** The old key goes first: whatever happens after that, it is gone. */
    override fun renew(vault: UByte) = refusing {
        val alias = alias(vault)
        store().deleteEntry(alias)
        generate(alias)
    }

    /**
     * True if both keys are in hardware, so that no copy of the phone's memory holds what they are.
     *
     * Not asked, because Android does not tell: whether the hardware refuses a key that was deleted and whose
     * wrapped form somebody writes back, from an earlier image of this phone, into this very phone.
     */
    override fun erasesForCertain(): Boolean = try {
        refusing { ALIASES.all { alias -> find(alias)?.let(::isInHardware) == true } }
    } catch (_: PhoneKeyException) {
        false
    }

    private fun generate(alias: String) {
        if (hasStrongBox) {
            try {
                return generate(alias, strongBox = true)
            } catch (_: ProviderException) {
                // Full, or it does not do this kind of key: the next best.
            }
        }
        generate(alias, strongBox = false)
    }

    private fun generate(alias: String, strongBox: Boolean) {
        val wanted = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN).setKeySize(BITS)
        if (strongBox && SDK_INT >= P) wanted.setIsStrongBoxBacked(true)
        KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_HMAC_SHA256, ANDROID).run {
            init(wanted.build())
            generateKey()
        }
    }

    private fun isInHardware(key: SecretKey): Boolean {
        val made = SecretKeyFactory.getInstance(key.algorithm, ANDROID)
        val info = made.getKeySpec(key, KeyInfo::class.java) as KeyInfo
        @Suppress("DEPRECATION") // The only word for it before Android 12.
        if (SDK_INT < S) return info.isInsideSecureHardware
        return info.securityLevel in HARDWARE
    }

    private fun find(alias: String) = store().getKey(alias, null) as SecretKey?

    private fun store() = KeyStore.getInstance(ANDROID).apply { load(null) }

    private fun alias(vault: UByte) =
        ALIASES.getOrNull(vault.toInt()) ?: throw PhoneKeyException.Refused()

    /** Whatever the phone says, the core knows one word for it. */
    private fun <T> refusing(work: () -> T): T = try {
        work()
    } catch (_: GeneralSecurityException) {
        throw PhoneKeyException.Refused()
    } catch (_: RuntimeException) {
        // ProviderException, and on some phones IllegalStateException or worse.
        throw PhoneKeyException.Refused()
    } catch (_: IOException) {
        throw PhoneKeyException.Refused()
    }

    internal companion object {
        const val ANDROID = "AndroidKeyStore"
        const val BITS = 256

        /** By these the phone keeps them; only this app can ask for them. */
        val ALIASES = listOf("vault-0", "vault-1")

        private val HARDWARE = setOf(
            KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT,
            KeyProperties.SECURITY_LEVEL_STRONGBOX,
            KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE,
        )
    }
}
