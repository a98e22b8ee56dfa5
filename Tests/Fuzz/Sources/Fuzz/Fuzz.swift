// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import FileSupport

@testable import Exchange
@testable import ModelFile

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What libFuzzer calls for each input; FUZZ_TARGET says which reader gets it.
///
/// A refusal is fine, a crash is not.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: data, count: size)
  switch getenv("FUZZ_TARGET").map({ String(cString: $0) }) {
  case "model": readModel(bytes)
  case "utf8": decode(bytes)
  case "charset": readCharset(bytes)
  case "keras": _ = try? KerasArchive.read(bytes, name: "input")
  case "pytorch": _ = try? PyTorchReader.read(bytes, name: "input")
  case "tfjs": _ = try? TensorFlowJSModel(parsing: bytes)
  case "values": readOptionValue(bytes)
  case "arguments": readArguments(bytes)
  default: fatalError("FUZZ_TARGET is model, utf8, charset, keras, pytorch, tfjs, values or arguments")
  }
  return 0
}

/// Puts the right digest in first, or nothing behind it would ever be reached.
private func readModel(_ bytes: UnsafeRawBufferPointer) {
  var file = Array(bytes)
  file.withUnsafeMutableBytes { file in
    let whole = UnsafeRawBufferPointer(file)
    if let header = try? SafetensorsHeader(parsing: whole),
      let place = try? ModelDigest.place(in: header, whole)
    {
      for index in place { file[index] = UInt8(ascii: "0") }
      var hash = XXH64()
      hash.update(whole)
      for (index, digit) in zip(place, ModelDigest.digits(hash.finalize())) { file[index] = digit }
    }
    _ = try? ModelReader.read(whole, name: "input", keepingExtras: true)
  }
}

/// The decoder against the standard library's, whole and in two pieces.
private func decode(_ bytes: UnsafeRawBufferPointer) {
  guard let cut = bytes.first.map({ Int($0) % bytes.count }) else { return }
  let text = Array(bytes)
  let repaired = try? UTF8Decoder.decode(text, isLossy: true)
  precondition(repaired == String(decoding: text, as: UTF8.self).unicodeScalars.map(\.value))
  let strict = try? UTF8Decoder.decode(text)
  precondition((strict != nil) == (String(validating: text, as: UTF8.self) != nil))
  var decoder = UTF8Decoder(source: "input", isLossy: true)
  var scalars = [UInt32](repeating: 0, count: UTF8Decoder.capacity(forByteCount: text.count) + 3)
  let count = scalars.withUnsafeMutableBufferPointer { all in
    var count = 0
    for part in [bytes[..<cut], bytes[cut...]] {
      let rest = UnsafeMutableBufferPointer(rebasing: all[count...])
      count += (try? decoder.decode(UnsafeRawBufferPointer(rebasing: part), into: rest)) ?? 0
    }
    return count + ((try? decoder.finish(into: UnsafeMutableBufferPointer(rebasing: all[count...]))) ?? 0)
  }
  precondition(Array(scalars.prefix(count)) == repaired)
}

/// What is read is written, and read again, the same.
private func readCharset(_ bytes: UnsafeRawBufferPointer) {
  guard let charset = try? Charset(parsing: bytes) else { return }
  let text = charset.serialized()
  let again = text.withUnsafeBytes { try? Charset(parsing: $0) }
  precondition(again?.serialized() == text)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutableRawPointer,
  _ test: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// The program's entry, by the name that Swift's package manager gives it to the linker as `main`.
@_cdecl("Fuzz_main")
public func enter(_ count: CInt, _ arguments: UnsafeMutableRawPointer) -> CInt {
  var (count, arguments) = (count, arguments)
  return runFuzzer(&count, &arguments, fuzz)
}
