// The app. Kotlin is inside Android's plugin; tests are Maven's.
plugins {
    alias(libs.plugins.android.application)
}

val workspace = rootDir.resolve("..")
val trimmedManifest = layout.buildDirectory.file("AndroidManifest.xml")
val core = layout.buildDirectory.dir("core")

android {
    namespace = "org.cairn.app"
    compileSdk = 35
    ndkVersion = libs.versions.ndk.get()

    defaultConfig {
        applicationId = "org.cairn.app"
        minSdk = 24
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
        ndk { abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64") }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.toVersion(libs.versions.java.get())
        targetCompatibility = JavaVersion.toVersion(libs.versions.java.get())
    }

    buildTypes {
        // The very rules with which Maven's build runs what was shrunk.
        release {
            isMinifyEnabled = true
            proguardFiles("r8.pro")
        }
    }

    // Libraries are stored as they are, at pages of 16 KiB, and read from inside the package.
    packaging { jniLibs { useLegacyPackaging = false } }

    // What is listed here is listed for nobody else.
    dependenciesInfo {
        includeInApk = false
        includeInBundle = false
    }

    sourceSets {
        named("main") {
            manifest.srcFile(trimmedManifest.get().asFile)
            jniLibs.directories.add(core.get().asFile.path)
        }
        named("test") {
            java.setSrcDirs(emptyList<String>())
            kotlin.setSrcDirs(emptyList<String>())
        }
    }
}

// Maven's build needs three things in the manifest which this plugin wants to be told above.
val writeManifest = tasks.register<Copy>("writeManifest") {
    from("src/main/AndroidManifest.xml")
    into(layout.buildDirectory)
    filteringCharset = "UTF-8"
    filter { line: String ->
        line.replace(Regex("""\s*package="org\.cairn\.app""""), "")
            .replace(Regex("""\s*android:extractNativeLibs="false""""), "")
            .replace(Regex("""\s*(<uses-sdk|android:(min|target)SdkVersion="\d+"( />)?)"""), "")
    }
}

// SQLCipher is compiled against an OpenSSL for each processor: AARCH64_LINUX_ANDROID_OPENSSL_DIR and so on.
val buildCoreForPhones = tasks.register<Exec>("buildCoreForPhones") {
    workingDir = workspace
    // Cargo knows what has changed.
    outputs.upToDateWhen { false }
    commandLine(
        "cargo", "ndk", "--platform", "24", "-t", "arm64-v8a", "-t", "armeabi-v7a", "-t", "x86_64",
        "-o", core.get().asFile, "build", "--profile", "dist", "--package", "cairn-ffi",
    )
}

tasks.named("preBuild") {
    dependsOn(writeManifest, buildCoreForPhones, ":bindings:writeBindings")
}

dependencies {
    implementation(project(":app-logic"))
    implementation(project(":bindings"))
    implementation(variantOf(libs.jna) { artifactType("aar") })
}
