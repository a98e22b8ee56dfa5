// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// A page of the manual.
struct ManualPage: CustomTestStringConvertible {
  /// The page's name, which is the program's for section 1.
  let name: String
  private let path: String

  var testDescription: String { "\(name)(\(path.suffix(1)))" }

  /// All pages of a section.
  static func all(section: Int) throws -> [ManualPage] {
    let folder = Programs.checkout + "/man"
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasSuffix(".\(section)") }
      .map { ManualPage(name: String($0.dropLast(2)), path: folder + "/" + $0) }
  }

  /// The commands that it shows, as readers see them: lines that begin with a dollar sign, and those that
  /// such a line goes on in after a backslash or a bar.
  func examples() throws -> [String] {
    let place = try Workplace()
    let printed = try place.shell("mandoc -Tutf8 -O width=200 '\(path)'").done()
    // Bold and underlined letters are made of two, one printed over the other.
    let page = printed.replacing(/.\u{8}/, with: "")
    var examples: [String] = []
    var goesOn = false
    for line in page.split(separator: "\n") {
      let line = line.trimmingCharacters(in: .whitespaces)
      if goesOn {
        examples[examples.count - 1] += "\n" + line
      } else if line.hasPrefix("$ ") {
        examples.append(String(line.dropFirst(2)))
      } else {
        continue
      }
      goesOn = line.hasSuffix("\\") || line.hasSuffix("|")
    }
    return examples
  }

  /// What it says under each of its headings, as it is typed.
  func sections() throws -> [String: String] {
    let source = try String(contentsOfFile: path, encoding: .utf8)
    var sections: [String: String] = [:]
    for section in source.components(separatedBy: "\n.Sh ").dropFirst() {
      let lines = section.split(separator: "\n", maxSplits: 1)
      sections[String(lines[0])] = lines.count > 1 ? String(lines[1]) : ""
    }
    return sections
  }

  /// All options that it names, each as it is typed.
  func options() throws -> Set<String> {
    let source = try String(contentsOfFile: path, encoding: .utf8)
    var options: Set<String> = []
    for line in source.split(separator: "\n") where line.hasPrefix(".") && !line.hasPrefix(".\\\"") {
      var isFlag = false
      for word in line.dropFirst().split(separator: " ") {
        let isMacro = word.count == 2 && word.first?.isUppercase == true && word.last?.isLowercase == true
        if isMacro {
          isFlag = word == "Fl"
        } else if isFlag, word.first?.isPunctuation == false || word.hasPrefix("-") {
          options.insert("-" + word)
        }
      }
    }
    return options
  }
}
