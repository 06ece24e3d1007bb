"""The world behind the ports: files, ledgers, feeds and clocks. Adapters never import each other."""
