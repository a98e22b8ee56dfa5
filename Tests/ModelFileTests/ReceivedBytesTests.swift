// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport
import Foundation
import Testing

@testable import ModelFile

/// Models that come through pipes and from files.
@Suite struct ReceivedBytesTests {
  /// Opens what is written into a pipe; `isEndless` keeps the other end open.
  static func readThroughPipe(_ bytes: [UInt8], isEndless: Bool = false, blockSize: Int = 65_536) throws
    -> Model
  {
    let pipe = Pipe()
    let writing = pipe.fileHandleForWriting
    let writer = Thread {
      // The reader may have had enough and be gone.
      try? writing.write(contentsOf: bytes)
      if !isEndless { try? writing.close() }
    }
    writer.start()
    let input = InputReader(
      descriptor: pipe.fileHandleForReading.fileDescriptor, name: "stdin", blockSize: blockSize)
    return try withExtendedLifetime(pipe) { try ModelReader.read(from: input) }
  }

  @Test(arguments: [1, 7, 4096, 65_536])
  func modelFromAPipeIsTheSame(blockSize: Int) throws {
    let model = try makeModel(scalars("abcdef"), layers: [30, 11])
    let file = try ModelWriter.serialized(model)
    let copy = try Self.readThroughPipe(file, blockSize: blockSize)
    #expect(areSame(copy.parameters, model.parameters))
  }

  @Test func pipeThatEndsTooEarlyOrTooLateIsRefused() throws {
    let file = Forgery().bytes
    for count in [0, 7, 8, 9, 300, file.count - 1] {
      let error = #expect(throws: ModelFileError.self) { try Self.readThroughPipe(Array(file[..<count])) }
      #expect(error?.problem == refusal(of: Array(file[..<count])))
      #expect(error?.place == "stdin")
    }
    let error = #expect(throws: ModelFileError.self) { try Self.readThroughPipe(file + [0]) }
    #expect(error?.problem == .excess(after: file.count))
  }

  @Test func hostileHeaderIsRefusedBeforeTheDataIsWaitedFor() throws {
    let forgeries = [
      Forgery { $0.headerLength = .max }, Forgery { $0.headerLength = 4 << 30 },
      Forgery { $0.set("format", "pt") },
      Forgery {
        $0.set("layers", "[2147483648]")
        $0.tensors[0].shape = "[8589934592,2]"
        $0.tensors[0].offsets = "[0,68719476736]"
        $0.tensors.removeLast(5)
      },
      Forgery { $0.tensors[0].offsets = "[0,1]" },
    ]
    for forgery in forgeries {
      // The pipe stays open: a reader that wanted more than there is would wait for ever.
      #expect(throws: ModelFileError.self) { try Self.readThroughPipe(forgery.bytes, isEndless: true) }
    }
  }

  @Test func modelIsOpenedByItsPath() throws {
    let folder = NSTemporaryDirectory() + "chartools-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/m.safetensors"
    try Data(Forgery().bytes).write(to: URL(filePath: path))
    #expect(areSame(try ModelReader.read(path: path).parameters, try read(Forgery().bytes).parameters))
    try Data(Forgery().bytes.dropLast()).write(to: URL(filePath: path))
    #expect(#expect(throws: ModelFileError.self) { try ModelReader.read(path: path) }?.place == path)
    try Data().write(to: URL(filePath: path))
    #expect(throws: ModelFileError(.tooShort(byteCount: 0), source: path)) {
      try ModelReader.read(path: path)
    }
    #expect(throws: FileError(folder, .open, code: EISDIR)) { try ModelReader.read(path: folder) }
    #expect(throws: FileError(folder + "/none", .open, code: ENOENT)) {
      try ModelReader.read(path: folder + "/none")
    }
  }
}
