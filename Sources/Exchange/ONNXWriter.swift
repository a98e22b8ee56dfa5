// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import FileSupport
import ModelFile

/// Writes a model as an ONNX graph that reads ids and gives logits.
///
/// Inputs: `ids` int64 [T, B], and `h0`, `c0`, `h1`, … [1, B, H], the state of each layer, zeros at a text's
/// beginning. Outputs: `logits` float [T, B, V], and `h0_out`, `c0_out`, …, the state to go on from.
public enum ONNXWriter {
  /// The first version of ONNX's operators with all that is used here in its present form.
  private static let operatorSet = 14
  /// The version of the file format that came with it.
  private static let formatVersion = 7
  /// What readers of Protocol Buffers take at most.
  static let largestSize = Int(Int32.max)

  /// ONNX's gates are i, o, f, c, and ours i, f, g, o.
  static let gateOrder = [0, 3, 1, 2]

  /// Writes a model.
  ///
  /// - Parameters:
  ///   - model: its network, and its characters as metadata.
  ///   - programVersion: told in the file.
  ///   - output: takes the bytes; whoever made it flushes it.
  /// - Throws: `FileError`, or `ExchangeError` when the file would have more than 2 GB.
  public static func write(_ model: Model, programVersion: String, to output: OutputWriter) throws {
    // What is not weights is some kilobytes, and the characters.
    let strings = ExchangeMetadata.strings(of: model)
    let weights = 4 * model.parameters.configuration.parameterCount
    let rest = strings.reduce(1 << 16) { $0 + $1.value.count } + 4096 * model.parameters.layout.layers.count
    guard weights + 16 * rest < largestSize else {
      throw ExchangeError(.tooLarge(limit: "2 GB"), source: output.name)
    }
    let file = ProtobufMessage { file in
      file.number(Field.Model.formatVersion, formatVersion)
      file.string(Field.Model.producerName, "chartools")
      file.string(Field.Model.producerVersion, programVersion)
      file.message(Field.Model.graph) { graph(&$0, of: model.parameters) }
      file.message(Field.Model.operatorSet) { $0.number(Field.OperatorSet.version, operatorSet) }
      for (key, value) in strings {
        file.message(Field.Model.metadata) { entry in
          entry.string(Field.Entry.key, key)
          entry.data(Field.Entry.value, value)
        }
      }
    }
    try output.write(file.bytes)
  }

  private static func graph(_ graph: inout ProtobufMessage, of parameters: Parameters) {
    let configuration = parameters.configuration
    let symbolCount = configuration.symbolCount
    graph.string(Field.Graph.name, "chartools")
    node(&graph, "OneHot", ["ids", "symbol_count", "off_on"], ["one_hot"], [("axis", -1)])
    var below = "one_hot"
    for (index, size) in configuration.layerSizes.enumerated() {
      node(
        &graph, "LSTM", [below, "W\(index)", "R\(index)", "B\(index)", "", "h\(index)", "c\(index)"],
        ["y\(index)", "h\(index)_out", "c\(index)_out"], [("hidden_size", size)])
      // [T, 1, B, H], the 1 being for one direction.
      node(&graph, "Squeeze", ["y\(index)", "direction"], ["x\(index + 1)"])
      below = "x\(index + 1)"
    }
    node(&graph, "MatMul", [below, "decoder_weight"], ["products"])
    node(&graph, "Add", ["products", "decoder_bias"], ["logits"])

    integers(&graph, "symbol_count", shape: [], [Int64(symbolCount)])
    integers(&graph, "direction", shape: [1], [1])
    floats(&graph, "off_on", shape: [2], [0, 1])
    for (index, tensors) in parameters.layout.layers.enumerated() {
      initialize(&graph, index, tensors, parameters)
    }
    let decoder = parameters.layout.decoderWeight
    let decoderBias = Array(parameters[parameters.layout.decoderBias])
    let turned = transposed(
      UnsafeBufferPointer(parameters[decoder]), rows: decoder.rows, columns: decoder.columns)
    floats(&graph, "decoder_weight", shape: [decoder.columns, decoder.rows], turned)
    floats(&graph, "decoder_bias", shape: [symbolCount], decoderBias)

    let sizes = configuration.layerSizes
    value(&graph, Field.Graph.input, "ids", Field.DataType.int64, [.free("T"), .free("B")])
    states(&graph, Field.Graph.input, sizes, suffix: "")
    value(
      &graph, Field.Graph.output, "logits", Field.DataType.float,
      [.free("T"), .free("B"), .fixed(symbolCount)])
    states(&graph, Field.Graph.output, sizes, suffix: "_out")
  }

  /// A layer's weights [1, 4H, I], [1, 4H, H] and biases [1, 8H], the second half of which is zero.
  private static func initialize(
    _ graph: inout ProtobufMessage, _ index: Int, _ tensors: LayerTensors, _ parameters: Parameters
  ) {
    let size = tensors.recurrent.columns
    var input = Array(parameters[tensors.input])
    var inputSize = tensors.input.columns
    if index == 0 {
      // The lowest layer's is kept as a table [V, 4H].
      inputSize = tensors.input.rows
      input = input.withUnsafeBufferPointer {
        transposed($0, rows: tensors.input.rows, columns: tensors.input.columns)
      }
    }
    func reordered(_ values: [Float]) -> [Float] {
      let gate = values.count / 4
      return gateOrder.flatMap { values[$0 * gate..<($0 + 1) * gate] }
    }
    floats(&graph, "W\(index)", shape: [1, 4 * size, inputSize], reordered(input))
    floats(&graph, "R\(index)", shape: [1, 4 * size, size], reordered(Array(parameters[tensors.recurrent])))
    let bias = reordered(Array(parameters[tensors.bias]))
    floats(&graph, "B\(index)", shape: [1, 8 * size], bias + [Float](repeating: 0, count: 4 * size))
  }

  // MARK: Parts of a graph

  private static func node(
    _ graph: inout ProtobufMessage, _ operation: String, _ inputs: [String], _ outputs: [String],
    _ attributes: [(name: String, value: Int)] = []
  ) {
    graph.message(Field.Graph.node) { node in
      for input in inputs { node.string(Field.Node.input, input) }
      for output in outputs { node.string(Field.Node.output, output) }
      node.string(Field.Node.name, "\(operation)_\(outputs[0])")
      node.string(Field.Node.operation, operation)
      for attribute in attributes {
        node.message(Field.Node.attribute) { message in
          message.string(Field.Attribute.name, attribute.name)
          message.number(Field.Attribute.integer, attribute.value)
          message.number(Field.Attribute.type, Field.Attribute.typeInteger)
        }
      }
    }
  }

  private static func floats(
    _ graph: inout ProtobufMessage, _ name: String, shape: [Int], _ values: [Float]
  ) {
    precondition(values.count == shape.reduce(1, *), "a tensor of another size")
    values.withUnsafeBytes { initializer(&graph, name, Field.DataType.float, shape, $0) }
  }

  private static func integers(
    _ graph: inout ProtobufMessage, _ name: String, shape: [Int], _ values: [Int64]
  ) {
    values.withUnsafeBytes { initializer(&graph, name, Field.DataType.int64, shape, $0) }
  }

  private static func initializer(
    _ graph: inout ProtobufMessage, _ name: String, _ type: Int, _ shape: [Int],
    _ bytes: UnsafeRawBufferPointer
  ) {
    graph.message(Field.Graph.initializer) { tensor in
      for dimension in shape { tensor.number(Field.Tensor.dimension, dimension) }
      tensor.number(Field.Tensor.type, type)
      tensor.string(Field.Tensor.name, name)
      tensor.data(Field.Tensor.bytes, bytes)
    }
  }

  /// A dimension of an input or output.
  private enum Dimension {
    case fixed(Int)
    /// Chosen by who runs the graph; the same name means the same number.
    case free(String)
  }

  private static func states(
    _ graph: inout ProtobufMessage, _ field: UInt64, _ sizes: [Int], suffix: String
  ) {
    for (index, size) in sizes.enumerated() {
      for kind in ["h", "c"] {
        value(
          &graph, field, "\(kind)\(index)\(suffix)", Field.DataType.float,
          [.fixed(1), .free("B"), .fixed(size)])
      }
    }
  }

  private static func value(
    _ graph: inout ProtobufMessage, _ field: UInt64, _ name: String, _ type: Int, _ shape: [Dimension]
  ) {
    graph.message(field) { value in
      value.string(Field.Value.name, name)
      value.message(Field.Value.type) { wrapper in
        wrapper.message(Field.Value.tensorType) { tensor in
          tensor.number(Field.Value.elementType, type)
          tensor.message(Field.Value.shape) { message in
            for dimension in shape {
              message.message(Field.Value.dimension) { entry in
                switch dimension {
                case .fixed(let size): entry.number(Field.Value.dimensionSize, size)
                case .free(let name): entry.string(Field.Value.dimensionName, name)
                }
              }
            }
          }
        }
      }
    }
  }

  /// The numbers of fields in `onnx.proto`.
  private enum Field {
    enum Model {
      static let formatVersion: UInt64 = 1
      static let producerName: UInt64 = 2
      static let producerVersion: UInt64 = 3
      static let graph: UInt64 = 7
      static let operatorSet: UInt64 = 8
      static let metadata: UInt64 = 14
    }
    enum OperatorSet { static let version: UInt64 = 2 }
    enum Entry {
      static let key: UInt64 = 1
      static let value: UInt64 = 2
    }
    enum Graph {
      static let node: UInt64 = 1
      static let name: UInt64 = 2
      static let initializer: UInt64 = 5
      static let input: UInt64 = 11
      static let output: UInt64 = 12
    }
    enum Node {
      static let input: UInt64 = 1
      static let output: UInt64 = 2
      static let name: UInt64 = 3
      static let operation: UInt64 = 4
      static let attribute: UInt64 = 5
    }
    enum Attribute {
      static let name: UInt64 = 1
      static let integer: UInt64 = 3
      static let type: UInt64 = 20
      static let typeInteger = 2
    }
    enum Tensor {
      static let dimension: UInt64 = 1
      static let type: UInt64 = 2
      static let name: UInt64 = 8
      static let bytes: UInt64 = 9
    }
    enum DataType {
      static let float = 1
      static let int64 = 7
    }
    enum Value {
      static let name: UInt64 = 1
      static let type: UInt64 = 2
      static let tensorType: UInt64 = 1
      static let elementType: UInt64 = 1
      static let shape: UInt64 = 2
      static let dimension: UInt64 = 1
      static let dimensionSize: UInt64 = 1
      static let dimensionName: UInt64 = 2
    }
  }
}
