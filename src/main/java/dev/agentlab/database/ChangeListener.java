package dev.agentlab.database;

import java.util.UUID;

/// Somebody who remembers rows of a table and is told by [ChangeFeed] what no longer holds.
interface ChangeListener {
  /// A row has changed.
  void changed(UUID id);

  /// Any row may have changed.
  void changed();

  /// Changes were not heard for a while: nobody would have told of one.
  void unheard();
}
