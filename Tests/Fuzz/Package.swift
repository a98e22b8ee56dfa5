// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later
import PackageDescription

/// A program as a library, for what it takes its options apart with.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name,
    dependencies: dependencies + [
      "CommandSupport", "FileSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    exclude: ["Main.swift"])
}

// A package of its own, as all of it is compiled for libFuzzer: see fuzz.sh in Tests/Hard. The sources are links.
let package = Package(
  name: "fuzz",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.1")
  ],
  targets: [
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "CharText", "ModelFile", "Exchange", "FileSupport", "CommandSupport", "chartok", "chartrain",
        "charsample",
        "charscore", "charmodel",
      ]),
    program("chartok", ["CharText"]),
    program("chartrain", ["CharText", "CharLSTM", "Training", "Sampling", "ModelFile"]),
    program("charsample", ["CharText", "CharLSTM", "Sampling", "ModelFile", "LineEditing"]),
    program("charscore", ["CharText", "CharLSTM", "ModelFile"]),
    program("charmodel", ["CharText", "CharLSTM", "ModelFile", "Exchange"]),
    .target(
      name: "CommandSupport",
      dependencies: [
        "CSystem", "FileSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .target(name: "FileSupport", dependencies: ["CSystem"]),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O2", "-fno-math-errno", "-Wno-psabi"])]),
    .target(name: "CSystem"),
    .target(name: "CLineEditing", linkerSettings: [.linkedLibrary("readline", .when(platforms: [.linux]))]),
    .target(name: "LineEditing", dependencies: ["CLineEditing", "CharText", "FileSupport"]),
    .target(name: "CharText", dependencies: ["FileSupport"]),
    .target(name: "CharLSTM", dependencies: ["CKernels", "CharText", "FileSupport"]),
    .target(name: "Training", dependencies: ["CharLSTM", "CharText", "ModelFile", "FileSupport"]),
    .target(name: "Sampling", dependencies: ["CharLSTM", "CharText", "ModelFile", "FileSupport"]),
    .target(name: "ModelFile", dependencies: ["CharLSTM", "CharText", "FileSupport"]),
    .target(name: "Exchange", dependencies: ["CharLSTM", "CharText", "ModelFile", "FileSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
