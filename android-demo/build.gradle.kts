// Named here so that the Kotlin inside Android's plugin is this one too.
plugins {
    alias(libs.plugins.android.application) apply false
    alias(libs.plugins.kotlin.jvm) apply false
}

allprojects {
    group = "org.cairn"
    version = "0.1.0"
    // Beside Maven's folders, which are called target.
    layout.buildDirectory = file("target/gradle")
}
