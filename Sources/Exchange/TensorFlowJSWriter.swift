// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport
import ModelFile

/// Writes models in TensorFlow.js's layers format, as its own converter cuts them into files.
public struct TensorFlowJSWriter {
  /// The most bytes of one file of weights: what browsers keep in their caches.
  static let shardSize = 4 << 20

  private let model: Model
  private let programVersion: String
  private let parts: [KerasLayout.Part]

  /// A writer for a model.
  ///
  /// - Parameter programVersion: told in `model.json`.
  public init(_ model: Model, programVersion: String) {
    self.model = model
    self.programVersion = programVersion
    parts = KerasLayout.parts(of: model.parameters.layout)
  }

  private var byteCount: Int { parts.reduce(0) { $0 + 4 * $1.tensor.count } }
  private var shardCount: Int { (byteCount + Self.shardSize - 1) / Self.shardSize }

  /// The names of the files of weights, in their order.
  public var shardNames: [String] {
    (1...shardCount).map { "group1-shard\($0)of\(shardCount).bin" }
  }

  /// What goes beside them.
  public static let modelName = "model.json"

  /// Writes one of the files of weights.
  ///
  /// - Parameters:
  ///   - index: which of `shardNames`.
  ///   - output: takes the bytes; whoever made it flushes it.
  /// - Throws: `FileError`.
  public func writeShard(_ index: Int, to output: OutputWriter) throws(FileError) {
    let shard = index * Self.shardSize..<min((index + 1) * Self.shardSize, byteCount)
    var offset = 0
    for part in parts {
      let range = offset..<offset + 4 * part.tensor.count
      offset = range.upperBound
      guard range.overlaps(shard) else { continue }
      let wanted = range.clamped(to: shard)
      let bytes = part.values(in: model.parameters).withUnsafeBytes {
        Array($0[wanted.lowerBound - range.lowerBound..<wanted.upperBound - range.lowerBound])
      }
      try output.write(bytes)
    }
  }

  /// The text of `model.json`.
  ///
  /// Under `userDefinedMetadata` are the strings that a model file has under the same names: the characters in the
  /// order of their ids are `JSON.parse(model.userDefinedMetadata.charset)`.
  public func modelJSON() -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("format", "layers-model")
    json.member("generatedBy", "chartools \(programVersion)")
    json.key("convertedBy")
    json.null()
    json.key("modelTopology")
    topology(&json)
    json.key("weightsManifest")
    json.beginArray()
    manifest(&json)
    json.endArray()
    json.key("userDefinedMetadata")
    json.beginObject()
    for (key, value) in ExchangeMetadata.strings(of: model) {
      json.key(key)
      json.string(utf8: value)
    }
    json.endObject()
    json.endObject()
    return json.bytes
  }

  private func topology(_ json: inout JSONWriter) {
    let configuration = model.parameters.configuration
    json.beginObject()
    json.member("class_name", "Sequential")
    json.key("config")
    json.beginObject()
    json.member("name", "chartools")
    json.key("layers")
    json.beginArray()
    for (index, size) in configuration.layerSizes.enumerated() {
      json.beginObject()
      json.member("class_name", "LSTM")
      json.key("config")
      json.beginObject()
      json.member("name", Self.name(ofLayer: index, of: configuration))
      json.member("trainable", true)
      if index == 0 {
        json.key("batch_input_shape")
        json.beginArray()
        json.null()
        json.null()
        json.number(configuration.symbolCount)
        json.endArray()
      }
      json.member("dtype", "float32")
      json.member("return_sequences", true)
      json.member("units", size)
      json.member("activation", "tanh")
      // TensorFlow.js would take its hard sigmoid.
      json.member("recurrent_activation", "sigmoid")
      json.member("use_bias", true)
      for weight in ["kernel", "recurrent", "bias"] { json.member("\(weight)_initializer", "zeros") }
      json.member("unit_forget_bias", false)
      json.endObject()
      json.endObject()
    }
    json.beginObject()
    json.member("class_name", "Dense")
    json.key("config")
    json.beginObject()
    json.member("name", Self.name(ofLayer: configuration.layerSizes.count, of: configuration))
    json.member("trainable", true)
    json.member("dtype", "float32")
    json.member("units", configuration.symbolCount)
    json.member("activation", "softmax")
    json.member("use_bias", true)
    for weight in ["kernel", "bias"] { json.member("\(weight)_initializer", "zeros") }
    json.endObject()
    json.endObject()
    json.endArray()
    json.endObject()
    json.member("keras_version", "tfjs-layers 4.22.0")
    json.member("backend", "tensor_flow.js")
    json.endObject()
  }

  private func manifest(_ json: inout JSONWriter) {
    json.beginObject()
    json.key("paths")
    json.beginArray()
    for name in shardNames { json.string(name) }
    json.endArray()
    json.key("weights")
    json.beginArray()
    for part in parts {
      json.beginObject()
      json.member(
        "name", Self.name(ofLayer: part.layer, of: model.parameters.configuration) + "/" + part.name)
      json.key("shape")
      json.array(part.shape)
      json.member("dtype", "float32")
      json.endObject()
    }
    json.endArray()
    json.endObject()
  }

  private static func name(ofLayer index: Int, of configuration: Configuration) -> String {
    index == configuration.layerSizes.count ? "dense" : "lstm_\(index)"
  }
}
