"""What people see of curves: pictures, pages, terminals and tables."""
