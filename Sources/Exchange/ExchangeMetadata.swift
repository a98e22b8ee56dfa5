// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import ModelFile

/// What a file of another format tells of a model's text, where it has a place for strings: those of a model file,
/// under the same names.
struct ExchangeMetadata {
  /// Where the strings stand in the file, still escaped, with their closing quotes.
  let strings: [String: Range<Int>]
  /// The whole file.
  let bytes: UnsafeRawBufferPointer

  private static let longestWord = 64
  private static let truth = "true"

  /// The strings for a model: unit, characters, and whether it is of records.
  static func strings(of model: Model) -> [(key: String, value: [UInt8])] {
    var strings = [
      ("unit", Array(model.charset.unit.rawValue.utf8)), ("charset", CharsetJSON.serialized(model.charset)),
    ]
    if model.isOfRecords { strings.append(("records", Array(truth.utf8))) }
    return strings
  }

  /// Whether each line is a text of its own.
  var isOfRecords: Bool { word("records") == Self.truth }

  /// The characters; nil if there are none.
  ///
  /// - Throws: `ExchangeError.Problem.metadata`.
  func charset() throws(ExchangeError.Problem) -> Charset? {
    guard let contents = contents("charset"), let word = word("unit"), let unit = TextUnit(rawValue: word)
    else { return nil }
    do {
      return try CharsetJSON(checking: contents, unit: unit).charset()
    } catch let problem as ModelFileError.Problem {
      throw .metadata(ModelFileError(problem, source: nil).reason)
    } catch let error as JSONError {
      throw .metadata("byte \(error.offset) of the charset: \(error.reason)")
    } catch {
      throw .metadata("the charset is none")
    }
  }

  private func contents(_ key: String) -> UnsafeRawBufferPointer? {
    strings[key].map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
  }

  private func word(_ key: String) -> String? {
    guard let contents = contents(key), contents.count <= Self.longestWord else { return nil }
    // Without the closing quote; the words there are need no escapes.
    return String(decoding: contents.dropLast(), as: UTF8.self)
  }
}
