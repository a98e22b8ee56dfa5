// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// The programs under test.
enum Programs {
  /// The folder they were built into.
  static func folder() throws -> String { try variable("CHARTOOLS_BIN") }

  /// A Python that has numpy and safetensors.
  static func python() throws -> String { try variable("CHARTOOLS_PYTHON") }

  /// The folder of this checkout.
  static let checkout = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  private static func variable(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
      throw ProgramFailure(description: "\(name) is not set: run these tests with `make test`")
    }
    return value
  }
}

/// A fresh folder in which a test runs programs, and which goes away with it.
final class Workplace {
  let folder: String

  /// Makes the folder, with files in it.
  init(_ files: [String: String] = [:]) throws {
    var template = Array((NSTemporaryDirectory() + "/chartools-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw ProgramFailure(description: "no folder: errno \(errno)") }
    folder = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    for (name, text) in files { try write(name, Array(text.utf8)) }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
  }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
  }

  func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

  /// The names of all files, hidden ones too, in order.
  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

  /// Every file's name and contents.
  func snapshot() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try names() { files[name] = (try? read(name)) ?? [] }
    return files
  }

  /// How to start one of our programs here: with what was typed, an empty environment, and pipes.
  func launch(_ program: String, _ arguments: [String], _ input: String = "") throws -> Launch {
    Launch(
      program: "\(try Programs.folder())/\(program)", arguments: arguments, folder: folder,
      input: Array(input.utf8))
  }

  /// Runs one of our programs.
  func run(
    _ program: String, _ arguments: String..., input: String = "", environment: [String: String] = [:]
  ) throws -> Outcome {
    var launch = try launch(program, arguments, input)
    launch.environment = environment
    return try RunningProgram(launch).finish()
  }

  /// Runs a line of shell commands that finds our programs.
  func shell(_ command: String, input: String = "", environment: [String: String] = [:]) throws -> Outcome {
    var launch = Launch(
      program: "/bin/sh", arguments: ["-c", command], folder: folder, input: Array(input.utf8))
    launch.environment = environment
    launch.environment["PATH"] = "\(try Programs.folder()):/usr/local/bin:/usr/bin:/bin"
    return try RunningProgram(launch).finish()
  }
}

extension Outcome {
  /// Records a failure of the test unless the program did its job; gives what it wrote.
  @discardableResult
  func done(sourceLocation: SourceLocation = #_sourceLocation) -> String {
    #expect(ending == .status(0), "it said: \(messages)", sourceLocation: sourceLocation)
    return text
  }

  /// Records a failure of the test unless the program ended with `status` and the one line that begins with
  /// `beginning` and holds `words`.
  func failed(
    _ status: Int32, _ beginning: String, _ words: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(ending == .status(status), "it said: \(messages)", sourceLocation: sourceLocation)
    #expect(messages.hasPrefix(beginning), sourceLocation: sourceLocation)
    #expect(words.isEmpty || messages.contains(words), "it said: \(messages)", sourceLocation: sourceLocation)
    let isOneLine = messages.hasSuffix("\n") && messages.dropLast().allSatisfy { $0 != "\n" }
    // What was wrongly typed is shown with how to type it.
    #expect(isOneLine || status == 64, "it said: \(messages)", sourceLocation: sourceLocation)
  }
}
