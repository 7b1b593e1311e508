// The core's calls in Kotlin, written from the library as built for this computer. Tests are Maven's.
import org.gradle.internal.os.OperatingSystem

plugins {
    alias(libs.plugins.kotlin.jvm)
}

val workspace = rootDir.resolve("..")
val built = workspace.resolve("target/debug")
val library = built.resolve(OperatingSystem.current().getSharedLibraryName("cairn_ffi"))
val written = layout.buildDirectory.dir("generated/uniffi")

// Cargo knows what has changed; Gradle asks it each time.
val buildCore = tasks.register<Exec>("buildCore") {
    workingDir = workspace
    commandLine("cargo", "build", "--package", "cairn-ffi", "--package", "cairn-bindgen")
}

val writeBindings = tasks.register<Exec>("writeBindings") {
    dependsOn(buildCore)
    inputs.file(library)
    outputs.dir(written)
    commandLine(built.resolve("cairn-bindgen"), "kotlin", library, written.get().asFile)
}

kotlin {
    jvmToolchain(libs.versions.java.get().toInt())
}

sourceSets {
    main { kotlin.srcDir(writeBindings) }
    test { kotlin.setSrcDirs(emptyList<String>()) }
}

dependencies {
    // The app brings JNA with its half for phones.
    compileOnly(libs.jna)
}
