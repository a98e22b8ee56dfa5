// SPDX-License-Identifier: GPL-3.0-or-later
import CharLSTM
import ModelFile

/// Reads a PyTorch model's `state_dict()` from a safetensors file.
///
/// The file needs none of chartools' metadata; characters are taken from it where it has them. No digest is looked at.
///
/// The tensors of the LSTM layers have `nn.LSTM`'s names, under any one of these: nothing, `lstm.`, `rnn.`; where each
/// layer is an `nn.LSTM` of its own, `lstm.0.`, `lstm.1.` and so on, in each of which the only layer is `l0`. The linear
/// layer is `decoder`, `fc`, `linear` or `head`.
public enum PyTorchReader {
  private static let lstmPrefixes = ["", "lstm.", "rnn."]
  private static let linearNames = ["decoder", "fc", "linear", "head"]

  /// Reads a network, with its characters if the file has them.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what messages call it.
  /// - Throws: `ExchangeError`.
  public static func read(_ bytes: UnsafeRawBufferPointer, name: String) throws(ExchangeError) -> ForeignModel
  {
    do throws(ExchangeError.Problem) {
      // What torch.save makes is a zip archive, or in old times a bare pickle.
      if bytes.starts(with: Array("PK\u{3}\u{4}".utf8)) || bytes.starts(with: [0x80, 0x02]) { throw .pickle }
      let header: SafetensorsHeader
      do {
        header = try SafetensorsHeader(parsing: bytes)
        try header.check(fileSize: bytes.count)
      } catch {
        throw .safetensors(ModelFileError(error, source: nil).reason)
      }
      let strings = header.metadata.map { ($0.key, $0.contents.lowerBound..<$0.contents.upperBound + 1) }
      return try ForeignModel(
        parameters(header, bytes),
        metadata: ExchangeMetadata(strings: Dictionary(uniqueKeysWithValues: strings), bytes: bytes))
    } catch {
      throw ExchangeError(error, source: name)
    }
  }

  private static func parameters(
    _ header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer
  ) throws(ExchangeError.Problem) -> Parameters {
    var entries: [String: SafetensorsEntry] = [:]
    for entry in header.entries {
      guard let name = canonicalName(entry.name) else { throw .excessTensor(entry.name) }
      guard entries.updateValue(entry, forKey: name) == nil else { throw .duplicateTensor(name) }
    }
    func entry(_ name: String) throws(ExchangeError.Problem) -> SafetensorsEntry {
      guard let entry = entries.removeValue(forKey: name) else { throw .missingTensor(name) }
      return entry
    }
    func recurrentName(_ layer: Int) -> String { "lstm.weight_hh_l\(layer)" }
    var sizes: [Int] = []
    while let recurrent = entries[recurrentName(sizes.count)] {
      guard recurrent.shape.count == 2 else {
        throw .rank(recurrent.name, found: recurrent.shape, expected: "[4H, H], a recurrent weight")
      }
      sizes.append(recurrent.shape[1])
    }
    guard !sizes.isEmpty else { throw .missingTensor(recurrentName(0)) }
    let bias = try entry("decoder.bias")
    guard bias.shape.count == 1 else {
      throw .rank(bias.name, found: bias.shape, expected: "[V], the linear layer's bias")
    }
    let configuration = try Configuration(foreignSymbolCount: bias.shape[0], layerSizes: sizes)

    // All shapes are checked before memory is taken for what they ask for.
    let layout = ParameterLayout(configuration)
    var places: [Place] = []
    func place(
      _ name: String, _ shape: [Int], _ tensor: Tensor, _ role: Role = .same
    ) throws(ExchangeError.Problem) {
      places.append(Place(entry: try entry(name), shape: shape, tensor: tensor, role: role))
    }
    for (index, layer) in layout.layers.enumerated() {
      let size = sizes[index]
      try place(
        "lstm.weight_ih_l\(index)", [4 * size, configuration.inputSize(ofLayer: index)], layer.input,
        index == 0 ? .transposed : .same)
      try place(recurrentName(index), [4 * size, size], layer.recurrent)
      try place("lstm.bias_ih_l\(index)", [4 * size], layer.bias)
      try place("lstm.bias_hh_l\(index)", [4 * size], layer.bias, .added)
    }
    let decoder = layout.decoderWeight
    try place("decoder.weight", [decoder.rows, decoder.columns], decoder)
    places.append(Place(entry: bias, shape: bias.shape, tensor: layout.decoderBias, role: .same))
    if let excess = entries.values.map(\.name).min() { throw .excessTensor(excess) }
    for place in places where place.entry.shape != place.shape {
      throw .shape(place.entry.name, found: place.entry.shape, expected: place.shape)
    }
    let parameters = Parameters(configuration)
    for place in places { try place.load(from: bytes, header.dataOffset, into: parameters) }
    return parameters
  }

  /// The name that a tensor has in our own files; nil for one that no such network has.
  static func canonicalName(_ name: String) -> String? {
    for linear in linearNames where name == "\(linear).weight" || name == "\(linear).bias" {
      return "decoder." + name.dropFirst(linear.utf8.count + 1)
    }
    for prefix in lstmPrefixes.reversed() where name.hasPrefix(prefix) {
      let parts = name.dropFirst(prefix.utf8.count).split(separator: ".", omittingEmptySubsequences: false)
      guard let last = parts.last, let separator = last.lastIndex(of: "_") else { continue }
      let weight = last[..<separator]
      let layer = last[last.index(after: separator)...]
      guard ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].contains(weight) else { continue }
      switch parts.count {
      case 1:
        guard layer.first == "l", let number = number(layer.dropFirst()) else { continue }
        return "lstm.\(weight)_l\(number)"
      case 2:
        guard layer == "l0", let number = number(parts[0]) else { continue }
        return "lstm.\(weight)_l\(number)"
      default: continue
      }
    }
    return nil
  }

  /// A layer's number as PyTorch writes it.
  private static func number(_ digits: Substring) -> Int? {
    guard let number = Int(digits), number >= 0, String(number) == digits else { return nil }
    return number
  }

  private enum Role {
    case same
    /// [4H, V] becomes a table [V, 4H].
    case transposed
    /// The second bias.
    case added
  }

  /// A tensor of the file and where it goes.
  private struct Place {
    let entry: SafetensorsEntry
    let shape: [Int]
    let tensor: Tensor
    let role: Role

    func load(
      from bytes: UnsafeRawBufferPointer, _ dataOffset: Int, into parameters: Parameters
    ) throws(ExchangeError.Problem) {
      let format: NumberFormat
      switch entry.type {
      case .float16: format = .float16
      case .bfloat16: format = .bfloat16
      case .float32: format = .float32
      case .float64: format = .float64
      default: throw .elementType(entry.name, entry.type.rawValue)
      }
      let range = dataOffset + entry.bytes.lowerBound..<dataOffset + entry.bytes.upperBound
      var values = format.values(UnsafeRawBufferPointer(rebasing: bytes[range]))
      if role == .transposed {
        values = values.withUnsafeBufferPointer { transposed($0, rows: shape[0], columns: shape[1]) }
      }
      let target = parameters[tensor]
      if role == .added {
        // Adding zero would turn -0 into 0.
        for index in target.indices where values[index] != 0 { target[index] += values[index] }
      } else {
        _ = target.update(fromContentsOf: values)
      }
      guard areFinite(UnsafeBufferPointer(target)) else { throw .notFinite(entry.name) }
    }
  }
}
