// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import Testing

@testable import ModelFile

/// Files that are right but for one thing, and carry a right digest.
@Suite struct HostileModelTests {
  /// Expects the reader to refuse a right file after this change because of this problem.
  func expect(
    _ problem: ModelFileError.Problem, _ location: SourceLocation = #_sourceLocation,
    _ change: (inout Forgery) -> Void
  ) {
    #expect(refusal(of: Forgery(change).bytes) == problem, sourceLocation: location)
  }

  /// Expects the reader to refuse this value of a string under `__metadata__`.
  func expect(
    _ key: String, _ value: String?, _ problem: ModelFileError.Problem,
    _ location: SourceLocation = #_sourceLocation
  ) {
    expect(problem, location) { $0.set(key, value) }
  }

  /// Expects the JSON in a string under `__metadata__` to be refused at this byte.
  func expect(
    _ key: String, _ value: String, _ problem: JSONError.Problem, at offset: Int,
    _ location: SourceLocation = #_sourceLocation
  ) {
    let error = JSONError(problem: problem, offset: offset)
    expect(.syntax(error, in: "metadata's \(key)"), location) { $0.set(key, value) }
  }

  @Test func filesOfOthersAreRefused() {
    expect("format", nil, .notChartools)
    expect("format", "pt", .notChartools)
    expect("version", nil, .missingMetadata("version"))
    expect("version", "2", .version("2"))
    expect("version", "", .version(""))
    expect("version", String(repeating: "1", count: 65), .longMetadata("version", limit: 64))
    expect(.notChartools) { $0.metadata = [] }
    expect(.notChartools) {
      $0.header = "{}"
      $0.values = []
    }
  }

  @Test func wrongDigestIsRefused() {
    expect("digest", nil, .missingMetadata("digest"))
    expect("digest", "", .malformedDigest)
    expect("digest", "sha256:000000000000000", .malformedDigest)
    expect("digest", "xxh64:000000000000000", .malformedDigest)
    expect("digest", #"xxh64:\u0030\u0030\u00300"#, .malformedDigest)
    expect("digest", "xxh64:0123456789abcdef", .digest)
  }

  @Test func recordsAreSaidInOneWayAndEndSomewhere() {
    for word in ["", "false", "TRUE"] {
      expect(.records(word)) { $0.metadata.insert(("records", word), at: 5) }
    }
    expect(.recordsWithoutNewline) { $0.metadata.insert(("records", "true"), at: 5) }
  }

  @Test func wrongCharactersAreRefused() {
    expect("unit", nil, .missingMetadata("unit"))
    expect("unit", "word", .unit("word"))
    expect("unit", "byte", .charset(.kind, id: 0))
    expect("charset", nil, .missingMetadata("charset"))
    expect("charset", "[]", .charset(.empty, id: 0))
    expect("charset", "[null]", .charset(.empty, id: 0))
    expect("charset", #"[null,\"a\"]"#, .charset(.unknownNotLast, id: 0))
    expect("charset", #"[\"a\",null,null]"#, .charset(.unknownNotLast, id: 1))
    expect("charset", #"[\"a\",\"a\"]"#, .charset(.order, id: 1))
    expect("charset", #"[\"b\",\"a\"]"#, .charset(.order, id: 1))
    expect("charset", #"[\"a\",\"bc\"]"#, .charset(.kind, id: 1))
    expect("charset", #"[\"\",\"b\"]"#, .charset(.kind, id: 0))
    expect("charset", #"[97,98]"#, .charset(.kind, id: 0))
    expect("charset", #"[\"a\",true]"#, .charset(.kind, id: 1))
    expect("charset", #"[\"a\",[\"b\"]]"#, .charset(.kind, id: 1))
    expect("charset", "", .ended, at: 0)
    expect("charset", #"{\"a\":0}"#, .expected("an array"), at: 0)
    expect("charset", #"[\"a\",\"b\"]]"#, .expected("the end"), at: 9)
    expect("charset", #"[\"a\",\"\\ud800\"]"#, .loneSurrogate, at: 6)
    expect("charset", #"[\"a\",\"\\ud800\\u0062\"]"#, .loneSurrogate, at: 6)
    let long = String(repeating: "b", count: 257)
    expect("charset", #"[\"a\",\"\#(long)\"]"#, .tooLong(limit: 256), at: 5)
    expect(.charset(.kind, id: 1)) {
      $0.set("unit", "grapheme")
      $0.set("charset", #"[\"a\",\"\#(long.prefix(65))\"]"#)
    }
    expect(.charset(.kind, id: 1)) {
      $0.set("unit", "byte")
      $0.set("charset", "[97,256]")
    }
    expect(.syntax(JSONError(problem: .notWhole, offset: 1), in: "metadata's charset")) {
      $0.set("unit", "byte")
      $0.set("charset", "[-1,98]")
    }
  }

  @Test func moreCharactersThanIdsAreRefused() {
    let letters = (UInt32(0x1_0000)..<0x1_FFFF).compactMap(Unicode.Scalar.init).map { #"\"\#($0)\""# }
    let most = letters.joined(separator: ",")
    expect("charset", "[\(most)]", .shape("lstm.weight_ih_l0", found: [4, 2], expected: [4, 65_535]))
    expect("charset", "[\(most),null]", .charset(.tooMany(limit: 65_535), id: 65_535))
  }

  @Test func wrongSizesAreRefused() {
    func list(_ count: Int) -> String {
      "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]"
    }
    expect("layers", nil, .missingMetadata("layers"))
    expect("layers", "[2147483648]", .configuration(.layerSize(2_147_483_648)))
    expect("layers", "[0]", .configuration(.layerSize(0)))
    expect("layers", "[]", .configuration(.layerCount(0)))
    expect("layers", list(65), .configuration(.layerCount(65)))
    expect("layers", list(999), .longMetadata("layers", limit: 1024))
    expect("layers", "[16384,16384,16384,16384]", .configuration(.parameterCount(7_516_618_754)))
    expect("layers", "[-1]", .notWhole, at: 1)
    expect("layers", "[1.5]", .notWhole, at: 1)
    expect("layers", "1", .expected("an array"), at: 0)
    expect("layers", "[2]", .shape("lstm.weight_ih_l0", found: [4, 2], expected: [8, 2]))
    expect("layers", "[1,1]", .missingTensor("lstm.weight_ih_l1"))
    let wide = #"[\"a\",\"b\",\"c\"]"#
    expect("charset", wide, .shape("lstm.weight_ih_l0", found: [4, 2], expected: [4, 3]))
  }

  @Test func wrongTrainingRecordIsRefused() {
    expect("training", "{}", .expected("\"options\""), at: 2)
    expect("training", "[]", .expected("an object"), at: 0)
    expect("training", #"{\"options\":{\"a\":\"\",\"a\":\"\"}}"#, .duplicateKey("a"), at: 19)
    expect("training", #"{\"options\":{},\"new\":{\"a\":1,\"a\":2}}"#, .duplicateKey("a"), at: 27)
    expect("training", #"{\"options\":{\"a\":1}}"#, .expected("a string"), at: 16)
    expect("training", #"{\"options\":{},\"steps\":-1}"#, .notWhole, at: 22)
    expect("training", #"{\"options\":{},\"epochs\":1e999}"#, .numberTooLarge, at: 23)
    expect("training", #"{\"options\":{}} x"#, .expected("the end"), at: 15)
    let nested = String(repeating: "[", count: 100_000)
    expect("training", #"{\"new\":\#(nested)"#, .tooDeep(limit: 8), at: 14)
    let spaces = String(repeating: " ", count: 1 << 20)
    expect("training", spaces, .longMetadata("training", limit: 1 << 20))
  }

  @Test func wrongTensorsAreRefused() {
    expect(.missingTensor("lstm.weight_ih_l0")) { $0.tensors[0].name = "lstm.weight_ih" }
    expect(.missingTensor("decoder.bias")) {
      $0.tensors.removeLast()
      $0.values.removeLast(2)
    }
    expect(.missingTensor("lstm.bias_hh_l0")) {
      $0.tensors.remove(at: 3)
      $0.tensors[3].offsets = "[64,72]"
      $0.tensors[4].offsets = "[72,80]"
      $0.values.removeLast(4)
    }
    expect(.shape("lstm.weight_ih_l0", found: [2, 4], expected: [4, 2])) { $0.tensors[0].shape = "[2,4]" }
    expect(.shape("lstm.weight_ih_l0", found: [8], expected: [4, 2])) { $0.tensors[0].shape = "[8]" }
    expect(.shape("lstm.bias_ih_l0", found: [1, 4], expected: [4])) { $0.tensors[2].shape = "[1,4]" }
    expect(.shape("decoder.bias", found: [2, 1], expected: [2])) { $0.tensors[5].shape = "[2,1]" }
    expect(.elementType("lstm.weight_hh_l0", .int32)) { $0.tensors[1].type = "I32" }
    expect(.excessTensor("more")) {
      $0.tensors.append(("more", "F32", "[1]", "[96,100]"))
      $0.values.append(0)
    }
    expect(.elementType("optimizer.x", .int32)) {
      $0.tensors.append(("optimizer.x", "I32", "[1]", "[96,100]"))
      $0.values.append(0)
    }
  }

  @Test func hugeTensorInASmallFileCostsNothing() {
    let bytes = Forgery {
      $0.set("layers", "[2147483648]")
      $0.tensors[0] = ("lstm.weight_ih_l0", "F32", "[8589934592,2]", "[0,68719476736]")
      $0.tensors.removeLast(5)
    }.bytes
    guard case .cutShort(at: bytes.count, of: _?) = refusal(of: bytes) else {
      Issue.record("the header was believed")
      return
    }
  }

  @Test func valuesThatAreNotFiniteAreRefused() {
    let names = [
      "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0", "decoder.weight",
      "decoder.bias",
    ]
    for (name, index) in zip(names, [7, 8, 12, 19, 20, 23]) {
      for value in [Float.nan, .signalingNaN, .infinity, -.infinity] {
        expect(.notFinite(name)) { $0.values[index] = value }
      }
    }
    // Each is finite, but not the two together.
    expect(.notFinite("lstm.bias_hh_l0")) {
      $0.values[12] = .greatestFiniteMagnitude
      $0.values[16] = .greatestFiniteMagnitude
    }
  }
}
