// SPDX-License-Identifier: GPL-3.0-or-later

/// A model together with what there is to know of its file.
public struct ModelInspection: Sendable {
  /// The model; of a checkpoint, with all that it holds.
  public let model: Model
  /// What messages call the file: its path, or `stdin`.
  public let name: String
  /// The bytes of the whole file.
  public let fileSize: Int
  /// The bytes before the tensors' data.
  public let headerSize: Int
  /// The types of the network's tensors, each once, in the order of the file.
  public let elementTypes: [ElementType]
  /// The checksum that the file carries of itself: `xxh64:` and 16 hexadecimal digits.
  public let digest: String

  init(
    _ model: Model, _ header: SafetensorsHeader, _ bytes: UnsafeRawBufferPointer, fileSize: Int, name: String
  ) throws(ModelFileError.Problem) {
    self.model = model
    self.name = name
    self.fileSize = fileSize
    headerSize = header.dataOffset
    digest = try ModelDigest.text(in: header, bytes)
    var types: [ElementType] = []
    for entry in header.entries
    where !entry.name.hasPrefix(FileLayout.extraPrefix) && !types.contains(entry.type) {
      types.append(entry.type)
    }
    elementTypes = types
  }

  /// Whether training can go on from here: there is more than a network.
  public var isCheckpoint: Bool { !model.extraTensors.isEmpty || !model.extraMetadata.isEmpty }
}
