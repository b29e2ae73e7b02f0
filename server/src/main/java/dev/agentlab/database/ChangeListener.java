package dev.agentlab.database;

import java.util.UUID;

/// A listener to the changes of one table, called by [ChangeFeed].
interface ChangeListener {
  /// Called when a row was updated or deleted.
  void onChange(UUID id);

  /// Called when any row may have changed.
  void onChange();

  /// Called when notifications may have been lost.
  void onInterruption();
}
