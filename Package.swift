// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let strictC: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]

/// The inner loops are compiled optimised in debug builds too, or the tests would crawl.
let kernelSettings: [CSetting] = [
  .unsafeFlags(["-Wall", "-Wextra", "-Werror", "-O2", "-fno-math-errno", "-Wno-psabi"])
]

/// A program for Linux holds the C library and readline too: there is nothing to find, map and bind when it starts.
///
/// With `LINKING=shared` the C library stays outside, for trials that put something between it and the program.
let wholeProgram: [LinkerSetting] =
  Context.environment["LINKING"] == "shared"
  ? [] : [.unsafeFlags(["-static-executable"], .when(platforms: [.linux], configuration: .release))]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + ["CommandSupport", "FileSupport", argumentParser],
    swiftSettings: strict, linkerSettings: wholeProgram)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
}

let package = Package(
  name: "chartools",
  products: [
    .executable(name: "chartok", targets: ["chartok"]),
    .executable(name: "chartrain", targets: ["chartrain"]),
    .executable(name: "charsample", targets: ["charsample"]),
    .executable(name: "charscore", targets: ["charscore"]),
    .executable(name: "charmodel", targets: ["charmodel"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.1")
  ],
  targets: [
    program("chartok", ["CharText"]),
    program("chartrain", ["CharText", "CharLSTM", "Training", "Sampling", "ModelFile"]),
    program("charsample", ["CharText", "CharLSTM", "Sampling", "ModelFile", "LineEditing"]),
    program("charscore", ["CharText", "CharLSTM", "ModelFile"]),
    program("charmodel", ["CharText", "CharLSTM", "ModelFile", "Exchange"]),

    .executableTarget(
      name: "benchmark",
      dependencies: ["CharLSTM", "CharText", "CommandSupport", "FileSupport", "Sampling", "Training"],
      path: "Tests/Benchmarks", exclude: ["peers.py"], swiftSettings: strict),

    .executableTarget(
      name: "logits",
      dependencies: ["CharLSTM", "CommandSupport", "FileSupport", "ModelFile", argumentParser],
      path: "Tests/Logits", swiftSettings: strict),

    library("CommandSupport", ["CSystem", "FileSupport", argumentParser]),
    library("FileSupport", ["CSystem"]),
    library("CharText", ["FileSupport"]),
    library("CharLSTM", ["CKernels", "CharText", "FileSupport"]),
    library("Training", ["CharLSTM", "CharText", "ModelFile", "FileSupport"]),
    library("Sampling", ["CharLSTM", "CharText", "ModelFile", "FileSupport"]),
    library("ModelFile", ["CharLSTM", "CharText", "FileSupport"]),
    library("Exchange", ["CharLSTM", "CharText", "ModelFile", "FileSupport"]),
    library("LineEditing", ["CLineEditing", "CharText", "FileSupport"]),
    .target(
      name: "CLineEditing", cSettings: strictC,
      linkerSettings: [
        .linkedLibrary("readline", .when(platforms: [.linux])),
        .linkedLibrary("tinfo", .when(platforms: [.linux])),
      ]),
    .target(name: "CKernels", cSettings: kernelSettings),
    .target(name: "CSystem", cSettings: strictC),

    tests("FileSupportTests", ["FileSupport"]),
    tests("CommandSupportTests", ["CommandSupport"]),
    tests("CharTextTests", ["CharText", "FileSupport"]),
    tests("CKernelsTests", ["CKernels"]),
    tests(
      "CharLSTMTests", ["CharLSTM", "CharText", "CKernels"], resources: [.copy("Golden")]),
    tests("TrainingTests", ["Training", "CharLSTM", "CharText", "ModelFile", "FileSupport"]),
    tests("SamplingTests", ["Sampling", "CharLSTM", "CharText"]),
    tests("ModelFileTests", ["ModelFile", "CharLSTM", "CharText", "FileSupport"]),
    tests("ExchangeTests", ["Exchange", "ModelFile", "CharLSTM", "CharText", "FileSupport"]),
    tests("LineEditingTests", ["LineEditing"]),
    tests(
      "charsampleTests", ["charsample", "CommandSupport", "LineEditing", "Sampling", "CharLSTM", "CharText"]),
    .target(name: "CSpawn", path: "Tests/CSpawn", cSettings: strictC),
    tests("CommandTests", ["CSpawn"], exclude: ["Format1"]),
  ],
  swiftLanguageModes: [.v6]
)
