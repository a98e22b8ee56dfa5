// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later
import PackageDescription

// A package of its own, as all of it is compiled for libFuzzer: see fuzz.sh in Tests/Hard. The sources are links.
let package = Package(
  name: "fuzz",
  targets: [
    .executableTarget(name: "Fuzz", dependencies: ["CharText", "ModelFile", "Exchange", "FileSupport"]),
    .target(name: "FileSupport"),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O2", "-fno-math-errno", "-Wno-psabi"])]),
    .target(name: "CharText", dependencies: ["FileSupport"]),
    .target(name: "CharLSTM", dependencies: ["CKernels", "CharText", "FileSupport"]),
    .target(name: "ModelFile", dependencies: ["CharLSTM", "CharText", "FileSupport"]),
    .target(name: "Exchange", dependencies: ["CharLSTM", "CharText", "ModelFile", "FileSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
