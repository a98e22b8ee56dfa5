// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import CharText
import FileSupport
import ModelFile
import Testing

@testable import Exchange

@Suite struct TensorFlowJSTests {
  /// Writes a model as `charmodel` does.
  func export(_ model: Model, to folder: Folder) throws {
    let writer = TensorFlowJSWriter(model, programVersion: "1.2")
    for (index, name) in writer.shardNames.enumerated() {
      try folder.write(name, written { try writer.writeShard(index, to: $0) })
    }
    try folder.write("model.json", writer.modelJSON())
  }

  @Test func whatIsWrittenIsReadToTheBit() throws {
    for isOfRecords in [false, true] {
      let model = try makeModel(isOfRecords: isOfRecords)
      let folder = try Folder()
      try export(model, to: folder)
      let read = try TensorFlowJSReader.read(path: folder.path + "model.json")
      #expect(areSame(read.parameters, model.parameters))
      #expect(read.charset == model.charset && read.isOfRecords == isOfRecords)
    }
  }

  @Test func largeModelsAreCutIntoShards() throws {
    // Over a million values: more than 4 MB, and no shard begins where a weight does.
    let model = try makeModel(layers: [500, 30])
    let folder = try Folder()
    try export(model, to: folder)
    let names = TensorFlowJSWriter(model, programVersion: "1").shardNames
    #expect(names == ["group1-shard1of2.bin", "group1-shard2of2.bin"])
    #expect(try folder.read(names[0]).count == TensorFlowJSWriter.shardSize)
    let read = try TensorFlowJSReader.read(path: folder.path + "model.json")
    #expect(areSame(read.parameters, model.parameters))
  }

  // MARK: Models of others

  /// A `model.json` put together by hand, with its weights: V = 2, H = 1, all values different.
  struct Forgery {
    var topology = #"{"class_name":"Sequential","config":{"name":"s","layers":[LAYERS]}}"#
    var layers = [
      #"{"class_name":"LSTM","config":{"name":"l","units":1,"recurrent_activation":"sigmoid"}}"#,
      #"{"class_name":"Dense","config":{"name":"d","activation":"softmax"}}"#,
    ]
    var paths = #"["w.bin"]"#
    var weights = [
      #"{"name":"l/kernel","shape":[2,4],"dtype":"float32"}"#,
      #"{"name":"l/recurrent_kernel","shape":[1,4],"dtype":"float32"}"#,
      #"{"name":"l/bias","shape":[4],"dtype":"float32"}"#,
      #"{"name":"d/kernel","shape":[1,2],"dtype":"float32"}"#,
      #"{"name":"d/bias","shape":[2],"dtype":"float32"}"#,
    ]
    var more = ""
    var data: [UInt8] = bytes((0..<20).map { Float($0) + 0.5 })

    init(_ change: (inout Forgery) -> Void = { _ in }) { change(&self) }

    var text: String {
      let topology = topology.replacing("LAYERS", with: layers.joined(separator: ","))
      return #"{"modelTopology":\#(topology),"weightsManifest":[{"paths":\#(paths),"weights":["#
        + weights.joined(separator: ",") + "]}]" + more + "}"
    }
  }

  func read(_ forgery: Forgery, in folder: Folder) throws -> ForeignModel {
    try folder.write("model.json", Array(forgery.text.utf8))
    try folder.write("w.bin", forgery.data)
    return try TensorFlowJSReader.read(path: folder.path + "model.json")
  }

  func expect(
    _ problem: ExchangeError.Problem, _ location: SourceLocation = #_sourceLocation,
    _ change: (inout Forgery) -> Void
  ) throws {
    let folder = try Folder()
    let error = ExchangeError(problem, source: folder.path + "model.json")
    #expect(throws: error, sourceLocation: location) { try read(Forgery(change), in: folder) }
  }

  /// All values in Keras's order.
  func values(_ parameters: Parameters) -> [Float] {
    KerasLayout.parts(of: parameters.layout).flatMap { $0.values(in: parameters) }
  }

  let plain = (0..<20).map { Float($0) + 0.5 }

  @Test func modelsOfOthersAreRead() throws {
    let read = try read(Forgery(), in: Folder())
    #expect(values(read.parameters) == plain && read.charset == nil && !read.isOfRecords)
    // As Keras's converter puts it, in another order, with the cell's name; and as Keras did in its first years.
    let converted = Forgery {
      $0.topology = #"{"keras_version":"2","model_config":\#($0.topology)}"#
      $0.layers.insert(#"{"class_name":"InputLayer","config":{"name":"in"}}"#, at: 0)
      $0.layers.insert(#"{"class_name":"Dropout","config":{"rate":0.5,"name":"dr"}}"#, at: 2)
      $0.weights = [3, 4, 0, 1, 2].map { Forgery().weights[$0] }
      for index in 2..<5 { $0.weights[index] = $0.weights[index].replacing("l/", with: "l/lstm_cell_7/") }
      $0.data = bytes(Array(plain[16...]) + plain[..<16])
    }
    #expect(values(try self.read(converted, in: Folder()).parameters) == plain)
    let old = Forgery { $0.topology = #"{"config":[LAYERS],"class_name":"Sequential"}"# }
    #expect(values(try self.read(old, in: Folder()).parameters) == plain)
  }

  @Test func optimizersAreLeftOut() throws {
    let forgery = Forgery {
      $0.weights.insert(#"{"name":"Adam/t","shape":[],"dtype":"int32","group":"optimizer"}"#, at: 0)
      $0.data = [1, 0, 0, 0] + $0.data
    }
    #expect(values(try read(forgery, in: Folder()).parameters) == plain)
  }

  @Test func quantizedWeightsAreMadeWhole() throws {
    let bytewise = Forgery {
      $0.weights[0] =
        #"{"name":"l/kernel","shape":[2,4],"dtype":"float32","#
        + #""quantization":{"dtype":"uint8","scale":0.5,"min":-1,"original_dtype":"float32"}}"#
      $0.data = [0, 1, 2, 3, 4, 5, 6, 255] + bytes(Array(plain[8...]))
    }
    #expect(
      values(try read(bytewise, in: Folder()).parameters).prefix(8) == [-1, -0.5, 0, 0.5, 1, 1.5, 2, 126.5])
    let half = Forgery {
      $0.weights[4] =
        #"{"name":"d/bias","shape":[2],"dtype":"float32","quantization":{"dtype":"float16"}}"#
      $0.data = bytes(Array(plain[..<18])) + [0x00, 0x3C, 0x00, 0xC0]
    }
    #expect(values(try read(half, in: Folder()).parameters).suffix(2) == [1, -2])
  }

  @Test func hardSigmoidsAreRefusedSaidOrUnsaid() throws {
    for word in ["hard_sigmoid", "hardSigmoid"] {
      try expect(.layer("l", .hardSigmoid(isStated: true))) {
        $0.layers[0] = $0.layers[0].replacing("sigmoid\"", with: "\(word)\"").replacing(
          "recurrent_activation\":\"hard_hard_", with: "recurrent_activation\":\"hard_")
      }
    }
    try expect(.layer("l", .hardSigmoid(isStated: false))) {
      $0.layers[0] = $0.layers[0].replacing(#","recurrent_activation":"sigmoid""#, with: "")
    }
    try expect(.layer("l", .hardSigmoid(isStated: false))) {
      $0.layers[0] = $0.layers[0].replacing(#":"sigmoid""#, with: ":null")
    }
  }

  @Test func otherNetworksAreRefused() throws {
    func lstm(_ setting: String) -> String {
      #"{"class_name":"LSTM","config":{"name":"l","recurrent_activation":"sigmoid",\#(setting)}}"#
    }
    try expect(.layer("l", .activation("activation", "relu"))) {
      $0.layers[0] = lstm(#""activation":"relu""#)
    }
    try expect(.layer("l", .setting("activation"))) { $0.layers[0] = lstm(#""activation":{"a":1}"#) }
    try expect(.layer("l", .setting("go_backwards"))) { $0.layers[0] = lstm(#""go_backwards":true"#) }
    try expect(.layer("l", .noBias)) { $0.layers[0] = lstm(#""use_bias":false"#) }
    try expect(.layer("g", .className("GRU"))) {
      $0.layers[0] = #"{"class_name":"GRU","config":{"name":"g"}}"#
    }
    try expect(.layer("d", .activation("activation", "sigmoid"))) {
      $0.layers[1] = $0.layers[1].replacing("softmax", with: "sigmoid")
    }
    try expect(.modelClass("Functional")) {
      $0.topology = $0.topology.replacing("Sequential", with: "Functional")
    }
    try expect(.missing("dense layer at the end")) { $0.layers.removeLast() }
    try expect(.layer("d", .notLast)) {
      $0.layers.reverse()
      $0.layers.append($0.layers[0])
    }
    try expect(.missing("modelTopology with layers")) { $0.topology = "null" }
    try expect(.missing("modelTopology with layers")) { $0.layers = [] }
  }

  @Test func wrongWeightsAreRefused() throws {
    try expect(.layer("d", .missing("bias"))) {
      $0.weights.removeLast()
      $0.data.removeLast(8)
    }
    try expect(.duplicateTensor("l/bias")) {
      $0.weights.append($0.weights[2])
      $0.data += bytes([1, 2, 3, 4])
    }
    try expect(.excessTensor("m/kernel")) {
      $0.weights.append(#"{"name":"m/kernel","shape":[1],"dtype":"float32"}"#)
      $0.data += bytes([1])
    }
    try expect(.shape("l/kernel", found: [4, 2], expected: [2, 4])) {
      $0.weights[0] = $0.weights[0].replacing("[2,4]", with: "[4,2]")
    }
    try expect(.weight("l/kernel", .type("int32"))) {
      $0.weights[0] = $0.weights[0].replacing("float32", with: "int32")
    }
    try expect(.weight("l/kernel", .type("uint8"))) {
      $0.weights[0] = $0.weights[0].replacing("float32", with: "uint8")
    }
    try expect(.weight("l/kernel", .quantization)) {
      $0.weights[0] = $0.weights[0].dropLast() + #","quantization":{"dtype":"uint8","scale":1}}"#
    }
    try expect(.weight("l/kernel", .size)) {
      $0.weights[0] = $0.weights[0].replacing("[2,4]", with: "[4611686018427387904,4611686018427387904]")
    }
    try expect(.weight("l/kernel", .size)) {
      for index in 0..<2 {
        $0.weights[index] = $0.weights[index].replacing(
          index == 0 ? "[2,4]" : "[1,4]", with: "[2305843009213693951]")
      }
      $0.weights.swapAt(0, 1)
    }
    try expect(.notFinite("l/kernel")) { $0.data.replaceSubrange(0..<4, with: bytes([.nan])) }
  }

  // MARK: Hostile files

  @Test func shardsOutsideTheFolderAreNotOpened() throws {
    for path in [
      "../w.bin", "/etc/passwd", "a/w.bin", "..", ".", "", #"a\\w.bin"#, #"w.bin\u0000x"#, "./w.bin",
    ] {
      let folder = try Folder()
      let error = #expect(throws: ExchangeError.self) {
        try read(Forgery { $0.paths = #"["\#(path)"]"# }, in: folder)
      }
      guard case .shard(_, .path)? = error?.problem else {
        Issue.record("\(path): \(String(describing: error))")
        continue
      }
    }
  }

  @Test func shardsOfOtherSizesAreRefused() throws {
    try expect(.shard("w.bin", .size(found: 79, expected: 80))) { $0.data.removeLast() }
    try expect(.shard("?", .size(found: 0, expected: 80))) { $0.paths = "[]" }
    // The same file again and again is not read beyond what the weights need.
    try expect(.shard("w.bin", .size(found: 160, expected: 80))) { $0.paths = #"["w.bin","w.bin"]"# }
    let folder = try Folder()
    #expect(throws: FileError(folder.path + "w.bin", .limit, code: 27)) {
      try read(Forgery { $0.data.append(0) }, in: folder)
    }
    #expect(throws: FileError.self) { try read(Forgery { $0.paths = #"["none.bin"]"# }, in: folder) }
  }

  @Test func malformedJSONIsRefused() throws {
    func expect(_ problem: JSONError.Problem, _ change: (inout Forgery) -> Void) throws {
      let folder = try Folder()
      let error = #expect(throws: ExchangeError.self) { try read(Forgery(change), in: folder) }
      guard case .syntax(let syntax)? = error?.problem, syntax.problem == problem else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    try expect(.tooDeep(limit: 32)) { $0.topology = String(repeating: "{\"a\":", count: 40) }
    try expect(.duplicateKey("modelTopology")) { $0.more = #","modelTopology":{}"# }
    try expect(.notWhole) { $0.weights[0] = $0.weights[0].replacing("[2,4]", with: "[-2,-4]") }
    for count in [0, 1, 100, 500] {
      let folder = try Folder()
      try folder.write("model.json", Array(Forgery().text.utf8.prefix(count)))
      #expect(throws: ExchangeError.self) { try TensorFlowJSReader.read(path: folder.path + "model.json") }
    }
  }

  @Test func charactersThatAreNoneAreRefused() throws {
    try expect(.metadata("charset, id 1: not greater than the character before it")) {
      $0.more = #","userDefinedMetadata":{"unit":"scalar","charset":"[\"b\",\"a\"]"}"#
    }
    // What others put there is theirs.
    let other = Forgery { $0.more = #","userDefinedMetadata":{"charset":["b","a"],"unit":3}"# }
    #expect(try read(other, in: Folder()).charset == nil)
  }
}
