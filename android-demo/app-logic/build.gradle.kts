// What the app does, without Android. Tests are Maven's.
plugins {
    alias(libs.plugins.kotlin.jvm)
}

kotlin {
    jvmToolchain(libs.versions.java.get().toInt())
}

sourceSets {
    test { kotlin.setSrcDirs(emptyList<String>()) }
}

dependencies {
    implementation(project(":bindings"))
    compileOnly(libs.jna)
}
