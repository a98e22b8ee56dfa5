// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import Foundation
import ModelFile

@testable import Exchange

/// A network of these sizes whose values are all different, and -0 among them.
func makeParameters(symbolCount: Int, layers: [Int]) throws -> Parameters {
  let parameters = Parameters(try Configuration(symbolCount: symbolCount, layerSizes: layers))
  var next: Float = 0.25
  for tensor in parameters.layout.tensors {
    for index in 0..<tensor.count {
      parameters[tensor][index] = next
      next = -(next + 0.001)
    }
    parameters[tensor][0] = -0.0
  }
  return parameters
}

/// A model of these characters and sizes.
func makeModel(_ text: String = "\nabcdé", layers: [Int] = [3, 2, 4], isOfRecords: Bool = false) throws
  -> Model
{
  let charset = try Charset(unit: .scalar, symbols: text.unicodeScalars.map(Symbol.init(scalar:)))
  return Model(
    charset: charset, parameters: try makeParameters(symbolCount: charset.count, layers: layers),
    isOfRecords: isOfRecords)
}

/// Whether two networks have the same sizes and the same bits everywhere.
func areSame(_ left: Parameters, _ right: Parameters) -> Bool {
  left.configuration == right.configuration
    && left.layout.tensors.allSatisfy { left[$0].map(\.bitPattern) == right[$0].map(\.bitPattern) }
}

/// A folder that goes away with this object.
final class Folder {
  let path = NSTemporaryDirectory() + "chartools-\(UUID().uuidString)/"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: path + name))
  }

  func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path + name))) }
}

/// What `body` writes.
func written(_ body: (OutputWriter) throws -> Void) throws -> [UInt8] {
  let folder = try Folder()
  try AtomicFile.write(to: folder.path + "file", overwrite: false, body)
  return try folder.read("file")
}

/// The bytes of floats, the lowest byte of each first.
func bytes(_ values: [Float]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

extension [UInt8] {
  /// Puts a number at an offset, the lowest byte first.
  mutating func set(_ number: some FixedWidthInteger, at offset: Int) {
    Swift.withUnsafeBytes(of: number.littleEndian) { replaceSubrange(offset..<offset + $0.count, with: $0) }
  }

  /// Where these bytes are, from the beginning or the end.
  func first(_ part: [UInt8]) -> Int? { indices.first { self[$0...].starts(with: part) } }
  func last(_ part: [UInt8]) -> Int? { indices.last { self[$0...].starts(with: part) } }
}
