"""Where governance touches the disk: bags, zip files, time stamps and papers. No database, no Django models."""
