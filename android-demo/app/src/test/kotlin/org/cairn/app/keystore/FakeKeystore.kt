package org.cairn.app.keystore

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.KeySpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.SecretKeyFactorySpi

/**
 * Stands where a phone's keystore stands. It shows what the app asks for and what it does with each answer; whether
 * a phone's hardware does what it says, and how long it takes, no test here can show.
 */
class FakeKeystore : Provider("AndroidKeyStore", "1.0", "for tests") {
    val held = mutableMapOf<String, FakeKey>()

    /** What was done, in order. */
    val done = mutableListOf<String>()

    var strongBoxIsFull = false
    var level = KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT
    var makesNone = false
    var broken: RuntimeException? = null

    init {
        offer("KeyStore", "AndroidKeyStore") { Store() }
        offer("KeyGenerator", KeyProperties.KEY_ALGORITHM_HMAC_SHA256) { Generator() }
        offer("SecretKeyFactory", KeyProperties.KEY_ALGORITHM_HMAC_SHA256) { Factory() }
    }

    private fun offer(type: String, algorithm: String, make: () -> Any) = putService(
        object : Service(this, type, algorithm, "fake", null, null) {
            override fun newInstance(parameter: Any?): Any = make()

            override fun supportsParameter(parameter: Any?) = true
        },
    )

    class FakeKey(val octets: ByteArray, val wanted: KeyGenParameterSpec, val level: Int) : SecretKey {
        override fun getAlgorithm() = KeyProperties.KEY_ALGORITHM_HMAC_SHA256

        override fun getFormat() = "RAW"

        override fun getEncoded() = octets.clone()
    }

    private inner class Generator : KeyGeneratorSpi() {
        private lateinit var wanted: KeyGenParameterSpec

        override fun engineInit(wanted: AlgorithmParameterSpec, random: SecureRandom?) {
            this.wanted = wanted as KeyGenParameterSpec
        }

        override fun engineInit(random: SecureRandom?) = error("an alias is needed")

        override fun engineInit(size: Int, random: SecureRandom?) = error("an alias is needed")

        override fun engineGenerateKey(): SecretKey {
            if (makesNone) error("no key is made here")
            if (wanted.isStrongBoxBacked && strongBoxIsFull) throw StrongBoxUnavailableException("full")
            val octets = ByteArray(wanted.keySize / 8).also(SecureRandom()::nextBytes)
            val where = if (wanted.isStrongBoxBacked) KeyProperties.SECURITY_LEVEL_STRONGBOX else level
            done += "make ${wanted.keystoreAlias}"
            return FakeKey(octets, wanted, where).also { held[wanted.keystoreAlias] = it }
        }
    }

    private inner class Factory : SecretKeyFactorySpi() {
        override fun engineGetKeySpec(key: SecretKey, kind: Class<*>): KeySpec {
            key as FakeKey
            val inside = key.level != KeyProperties.SECURITY_LEVEL_SOFTWARE
            return KeyInfo(
                key.wanted.keystoreAlias, inside, KeyProperties.ORIGIN_GENERATED, key.wanted.keySize,
                null as Date?, null, null, key.wanted.purposes, arrayOf(), arrayOf(), arrayOf(), arrayOf(),
                false, 0, 0, false, false, false, false, false, key.level, -1,
            )
        }

        override fun engineGenerateSecret(spec: KeySpec) = error("not asked for")

        override fun engineTranslateKey(key: SecretKey) = error("not asked for")
    }

    private inner class Store : KeyStoreSpi() {
        override fun engineLoad(stream: InputStream?, password: CharArray?) {
            broken?.let { throw it }
        }

        override fun engineGetKey(alias: String, password: CharArray?): Key? = held[alias]

        override fun engineContainsAlias(alias: String) = alias in held

        override fun engineDeleteEntry(alias: String) {
            done += "delete $alias"
            held.remove(alias)
        }

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(held.keys)

        override fun engineSize() = held.size

        override fun engineIsKeyEntry(alias: String) = alias in held

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificateAlias(certificate: Certificate?): String? = null

        override fun engineGetCreationDate(alias: String): Date? = null

        override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<Certificate>?) =
            error("keys are made inside")

        override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<Certificate>?) =
            error("keys are made inside")

        override fun engineSetCertificateEntry(alias: String, certificate: Certificate?) = error("none")

        override fun engineStore(stream: OutputStream?, password: CharArray?) = error("keys leave nowhere")
    }
}
