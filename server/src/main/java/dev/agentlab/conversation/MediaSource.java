package dev.agentlab.conversation;

/// The source of an image or a file.
public sealed interface MediaSource {
  /// Data within the request.
  ///
  /// @param mediaType the media type in lower case, such as `image/png`
  /// @param base64 the data in Base64, as the client encoded it
  record InlineData(String mediaType, String base64) implements MediaSource {}

  /// A reference by URL. The URL is not validated: a writer accepts the schemes of its provider.
  record UrlReference(String url) implements MediaSource {}

  /// A reference to a file that the client uploaded to the provider.
  record UploadedFile(String id) implements MediaSource {}
}
